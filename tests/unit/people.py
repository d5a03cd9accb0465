"""Who takes part, as roles. Import the fixtures from conftest.py only."""

from typing import Any

import pytest
from brownie import accounts, web3
from brownie.network.account import Account, LocalAccount


def local(role: str) -> LocalAccount:
    """Return an account whose key is here, so that it can sign without a node."""
    return accounts.add(web3.keccak(text=f"peerpool test {role}"))


def _funded(role: str) -> LocalAccount:
    account = local(role)
    accounts[0].transfer(account, "50 ether", silent=True)
    return account


@pytest.fixture(scope="session")
def deployer() -> Account:
    """Deploys the contracts and creates the pools; has no role in them."""
    return accounts[0]


@pytest.fixture(scope="session")
def claimant() -> Account:
    """A member who files claims."""
    return accounts[1]


@pytest.fixture(scope="session")
def neighbour() -> Account:
    """Another member who files claims."""
    return accounts[2]


@pytest.fixture(scope="session")
def voters() -> list[Account]:
    """Four members who vote; three of them are a quorum and decide."""
    return list(accounts[3:7])


@pytest.fixture(scope="session")
def voter(voters: list[Account]) -> Account:
    """A member who votes."""
    return voters[0]


@pytest.fixture(scope="session")
def members(claimant: Account, neighbour: Account, voters: list[Account]) -> list[Account]:
    """Those who join the pool of the `stage` fixture, in this order."""
    return [claimant, neighbour, *voters]


@pytest.fixture(scope="session")
def payer() -> Account:
    """Pays a premium for somebody else; not a member."""
    return accounts[7]


@pytest.fixture(scope="session")
def outsider() -> Account:
    """Has nothing to do with the pool."""
    return accounts[8]


@pytest.fixture(scope="session")
def keeper() -> Account:
    """Anybody: sends the calls that are open to all."""
    return accounts[9]


@pytest.fixture(scope="module")
def organiser(module_isolation: Any) -> LocalAccount:
    """Signs the invitations."""
    return _funded("organiser")


@pytest.fixture(scope="module")
def late_joiner(module_isolation: Any) -> LocalAccount:
    """Joins after cover has started."""
    return _funded("late joiner")


@pytest.fixture(scope="module")
def referrer(module_isolation: Any) -> LocalAccount:
    """Has brought a member."""
    return _funded("referrer")


@pytest.fixture(scope="module")
def donor(module_isolation: Any) -> LocalAccount:
    """Gives money to the pool."""
    return _funded("donor")


@pytest.fixture(scope="session")
def cause() -> LocalAccount:
    """The charity."""
    return local("cause")


@pytest.fixture(scope="session")
def heir() -> LocalAccount:
    """An address that has never been seen before, to withdraw to."""
    return local("heir")
