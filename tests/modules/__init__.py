"""Modules by themselves: what a life of a pool cannot bring them to."""
