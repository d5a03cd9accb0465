"""Every line of business in pools/ is taken by the deploy command."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from brownie import web3

from peerpool import chain
from tests.lines.files import DECIMALS, FILES, token_of

from .deploying import run


@pytest.fixture
def names(
    isolation: Any,
    deployer: Any,
    organiser: Any,
    arbiter: Any,
    cause: Any,
    reinsurer: Any,
    Gate: Any,
    GuaranteeDesk: Any,
    Token: Any,
) -> Sequence[str]:
    """Arguments with the address of every name that is in some line's file."""
    found = {"organiser": organiser, "arbiter": arbiter, "cause": cause, "reinsurer": reinsurer}
    found |= {"gate": deployer.deploy(Gate), "desk": deployer.deploy(GuaranteeDesk)}
    for symbol, decimals in DECIMALS.items():
        found[symbol] = deployer.deploy(Token, symbol, symbol, decimals)
    return [word for name, what in found.items() for word in ("--name", f"{name}={what.address}")]


def test_deploy__every_line__is_taken(
    capsys: pytest.CaptureFixture[str], names: Sequence[str], folder: Path
) -> None:
    for line, path in FILES.items():
        ran = run(capsys, path, *names, "--deployments", folder.parent, "--yes")
        assert ran.code == 0, ran.err
        assert (token_of(line) or "Ether") in ran.err
        assert chain.has_code(web3, ran.out.strip())
    assert len(list(folder.glob("*.json"))) == len(FILES) + 1  # the factory's
