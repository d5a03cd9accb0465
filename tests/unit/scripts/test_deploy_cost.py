"""What deploy says before it sends anything, against what it then takes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from brownie import accounts, web3

from peerpool import manifest
from scripts.core import compiler
from scripts.cost import estimate

from .deploying import Ran


def test_estimate__nothing_is_there_yet__right_within_five_per_cent(
    command: Callable[..., Ran], folder: Path
) -> None:
    assert command("--yes").code == 0
    kept = json.loads((folder / "bicycle-cover.json").read_text())
    terms = manifest.terms_from_json(kept["pool"]["terms"])
    assert len(terms.reinsurance) == 2
    used = {
        step: web3.eth.get_transaction_receipt(entry["transaction"])["gasUsed"]
        for step, entry in (*kept["core"]["contracts"].items(), ("pool", kept["pool"]))
    }
    said = estimate(None, terms, accounts[0], bytes(32))
    near = 0.05 if compiler()["evm_version"] == "cancun" else 0.12
    assert said == {step: pytest.approx(gas, rel=near) for step, gas in used.items()}
