"""The terms of a pool: read from TOML, checked by the rules of the chain, shown to a person."""

from peerpool.terms.model import Layer, Terms, TermsError, Tier
from peerpool.terms.rules import check
from peerpool.terms.summary import describe
from peerpool.terms.toml import TermsFile, load, read, tier_names

__all__ = [
    "Layer",
    "Terms",
    "TermsError",
    "TermsFile",
    "Tier",
    "check",
    "describe",
    "load",
    "read",
    "tier_names",
]
