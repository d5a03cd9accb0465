"""Safes, and accounts whose code is delegated (EIP-7702)."""

from typing import Any

import pytest

from .safe import Safe, SafeKit, new_owners


@pytest.fixture(scope="module")
def safe_kit(module_isolation: Any, deployer: Any) -> SafeKit:
    """The shared contracts of Safe 1.4.1."""
    return SafeKit(deployer)


@pytest.fixture(scope="module")
def safe(safe_kit: SafeKit, deployer: Any) -> Safe:
    """A Safe that takes two of its three owners, with 50 Ether."""
    safe = safe_kit.create(new_owners(3), 2)
    deployer.transfer(safe.address, "50 ether", silent=True)
    return safe
