"""Who takes part, as roles. Import the fixtures from conftest.py only."""

from typing import Any

import pytest
from brownie import accounts, web3
from brownie.network.account import Account, LocalAccount


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


@pytest.fixture(scope="session")
def late_joiner() -> Account:
    """Joins after cover has started."""
    return accounts[10]


@pytest.fixture(scope="session")
def referrer() -> Account:
    """Has brought a member."""
    return accounts[11]


@pytest.fixture(scope="session")
def donor() -> Account:
    """Gives money to the pool."""
    return accounts[12]


@pytest.fixture(scope="session")
def cause() -> Account:
    """The charity."""
    return accounts[13]


@pytest.fixture(scope="session")
def heir() -> Account:
    """An address that has never been seen before, to withdraw to."""
    return accounts[14]


@pytest.fixture(scope="session")
def arbiter() -> Account:
    """Hears appeals, where the terms name one; not a member."""
    return accounts[15]


@pytest.fixture(scope="session")
def lender() -> Account:
    """To whom a member pledges the cover; not a member."""
    return accounts[16]


@pytest.fixture(scope="session")
def new_wallet() -> Account:
    """An address of a member's that the pool has never seen."""
    return accounts[17]


@pytest.fixture(scope="session")
def reinsurer() -> Account:
    """Fills layers with collateral; not a member."""
    return accounts[18]


@pytest.fixture(scope="session")
def buyer() -> Account:
    """Gets shares of layers from the reinsurer; not a member."""
    return accounts[19]


@pytest.fixture(scope="module")
def organiser(module_isolation: Any) -> LocalAccount:
    """Signs the invitations."""
    return _signer("organiser")


@pytest.fixture(scope="module")
def inviter(module_isolation: Any) -> LocalAccount:
    """A member who signs invitations."""
    return _signer("inviter")


def _signer(role: str) -> LocalAccount:
    """Return an account whose key is here, with money for gas and a premium."""
    account = accounts.add(web3.keccak(text=f"peerpool test {role}"))
    accounts[0].transfer(account, "50 ether", silent=True)
    return account
