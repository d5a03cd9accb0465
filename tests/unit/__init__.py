"""Unit tests of the contracts, on a local chain through Brownie."""

import pytest

on_every_asset = pytest.mark.parametrize(
    "asset", ["Ether", "6 decimals", "18 decimals"], indirect=True, scope="module"
)
