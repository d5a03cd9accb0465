"""Keeps pools moving: does what is due and anybody may do, and pays the gas for it.

    look    what a pool says is due, as of one block
    steps   which calls that makes, in which order
    purse   what may be spent, and what gas costs now
    sender  one transaction at a time, simulated just before, never sent twice
    keeper  passes over many pools; what failed waits longer each time (backoff)
    donors, accounts  whom a cancelled pool owes donations; who pays for the gas

The only state is the chain's: a keeper can be killed at any time, and several can keep one pool.
"""

from peerpool.keeper.keeper import Keeper, Pass, Settings
from peerpool.keeper.look import Kept, open_pool
from peerpool.keeper.purse import Limit, parse_limit
from peerpool.keeper.sender import KeyAccount, NodeAccount
from peerpool.keeper.steps import Outcome, Step

__all__ = [
    "Keeper",
    "Kept",
    "KeyAccount",
    "Limit",
    "NodeAccount",
    "Outcome",
    "Pass",
    "Settings",
    "Step",
    "open_pool",
    "parse_limit",
]
