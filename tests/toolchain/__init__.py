"""brownie_hooks.py, the commands and the locks do what they say."""
