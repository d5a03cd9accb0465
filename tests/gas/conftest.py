"""The stage on which gas is measured."""

from collections.abc import Iterator
from typing import Any

import pytest
from brownie import web3

from scripts import gas


@pytest.fixture(scope="module")
def stage(module_isolation: Any) -> Iterator[tuple[Any, Any]]:
    """A core and a token."""
    if not web3.client_version.lower().startswith("anvil"):
        pytest.skip("only Anvil can be asked to sign for everybody")
    yield gas.stage()
    web3.provider.make_request("anvil_autoImpersonateAccount", [False])
