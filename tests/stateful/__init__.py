"""The real contracts against the model of tests/model, by long random lives of random pools."""
