"""Peer-to-peer insurance pools, from outside the chain: terms, invitations, books.

Works on web3 and eth-account alone; nothing here knows Brownie.
"""

from peerpool.errors import PeerpoolError

__all__ = ["PeerpoolError"]
