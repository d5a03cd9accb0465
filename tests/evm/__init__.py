"""The contracts in this process, on py-evm: for tests that need many thousands of calls."""
