"""Random lives of random pools: the machine of tests/stateful, for as long as told."""
