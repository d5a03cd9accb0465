"""How many mistakes, made on purpose in the contracts, the tests in this process notice."""
