"""A pool at a glance: its phase, its money, its members, claims and tower, and what comes next.

snapshot  what is read of the pool and its lens, as of one block
words     how that is said
screen    how it looks in a terminal
tree      the same as JSON
"""

from peerpool.status.screen import overview, page
from peerpool.status.snapshot import Snapshot, read
from peerpool.status.tree import as_tree

__all__ = ["Snapshot", "as_tree", "overview", "page", "read"]
