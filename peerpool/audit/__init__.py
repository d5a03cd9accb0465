"""A pool proved from the chain alone: its code, its logs, its books, its state, its signatures."""
