"""The money rules of docs/design.md in plain Python, written from that page and interfaces/ alone.

Nothing here was read off the contracts: where the two differ, one of them is wrong.
"""
