"""One test for each way to steal, lock, burn or delay money, or to judge one's own case."""
