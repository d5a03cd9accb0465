"""A folder for manifests and a terms file, for each test its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from brownie import history, web3

from .deploying import Ran, run, write_terms


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where this test's manifests go: deployments/<chain id>."""
    return tmp_path / "deployments" / "31337"


@pytest.fixture
def terms_file(tmp_path: Path) -> Path:
    """A terms file in Ether."""
    return write_terms(tmp_path)


@pytest.fixture
def command(
    isolation: Any,
    terms_file: Path,
    folder: Path,
    organiser: Any,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Ran]:
    """Return a function that deploys the terms file with further arguments."""

    def deploy(*arguments: object) -> Ran:
        usual = ("--name", f"organiser={organiser}", "--deployments", folder.parent)
        return run(capsys, terms_file, *usual, *arguments)

    return deploy


@pytest.fixture
def no_mining() -> Iterator[None]:
    """Transactions wait until somebody mines."""
    if "anvil" not in web3.client_version.lower():
        pytest.skip("Ganache answers a transaction only when it is mined")
    web3.provider.make_request("evm_setAutomine", [False])
    yield
    web3.provider.make_request("evm_setAutomine", [True])
    # Brownie cannot take the chain back while its history holds a dropped transaction.
    history._list = [receipt for receipt in history if receipt.block_number is not None]
