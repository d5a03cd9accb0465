"""While one function runs every other is locked, those that change nothing too."""

from __future__ import annotations

import pytest

from tests.attacks.arena import IPOOL, OUTSIDER, Arena
from tests.attacks.test_dispatch import calldata
from tests.attacks.test_layers_reentrancy import layer_call
from tests.evm.contract import Contract, _interface
from tests.layers.steps import HOLDERS, ILAYER, ROUND, join_all, layer

LOCKED = (2, 0)  # refused, without a word: whatever is let in answers, or says why not


def functions(path: str) -> list[str]:
    return sorted({name for name, _ in _interface(path).functions})


@pytest.fixture
def token(a: Arena) -> Contract:
    """The token of a pool with layers; when it is moved it calls what it was told to."""
    token = a.use_token("TokenThatReenters")
    a.create(**ROUND)
    join_all(a)
    return token


@pytest.mark.spec("M18")
@pytest.mark.parametrize("name", functions(IPOOL))
def test_pool__lets_nobody_in_while_it_takes_money(a: Arena, token: Contract, name: str) -> None:
    a.fund(OUTSIDER, 10)
    token.send("arm", a.pool.address, calldata(name), sender=OUTSIDER)
    a.pool.send("donate", 10, sender=OUTSIDER)
    assert (token.view("outcome"), token.view("words")) == LOCKED


@pytest.mark.spec("M18")
@pytest.mark.parametrize("entry", ["deposit", "mint"])
@pytest.mark.parametrize("name", functions(ILAYER))
def test_layer__lets_nobody_in_while_it_takes_money(
    a: Arena, token: Contract, name: str, entry: str
) -> None:
    """The pool is open meanwhile, so that it is the layer's own lock."""
    shares = layer(a)
    a.fund(HOLDERS[0], 10, shares.address)
    token.send("arm", shares.address, layer_call(name), sender=OUTSIDER)
    shares.send(entry, 10, HOLDERS[0], sender=HOLDERS[0])
    assert (token.view("outcome"), token.view("words")) == LOCKED


@pytest.mark.spec("M18")
@pytest.mark.parametrize("name", functions(ILAYER))
def test_layer__lets_nobody_in_while_it_gives_back_what_strayed(
    a: Arena, token: Contract, name: str
) -> None:
    shares = layer(a)
    token.send("mint", shares.address, 10, sender=OUTSIDER)
    token.send("arm", shares.address, layer_call(name), sender=OUTSIDER)
    shares.send("absorb", sender=OUTSIDER)
    assert (token.view("outcome"), token.view("words")) == LOCKED
