"""Commands that measure how well the contracts are tested; `make proof` prints what they found."""
