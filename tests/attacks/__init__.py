"""One test for each way to steal, lock, burn or delay money, to vote twice, or to judge one's own case."""
