"""Nothing costs more in a larger group, and nothing breaks at the ends of the counters."""

import pytest
from brownie import ZERO_ADDRESS, accounts, reverts, web3

from ..clock import at

# What the second of two equal calls may cost more: a byte of calldata that is not zero.
NOISE = 400


def life(stage, people, keeper):
    """Return the gas of each call in the life of a pool, by those who joined last."""
    pool, u = stage.pool, stage.u
    for person in people[:-1]:
        stage.join(person)
    gas = {"join": stage.join(people[-1]).gas_used}
    stage.start()
    gas["join late"] = stage.join(accounts[29]).gas_used
    args = stage.claim_args(60 * u)
    payment = stage.pay(people[-1], stage.terms.claim_bond)
    gas["file_claim"] = pool.file_claim(*args, payment).gas_used
    pool.vote(1, 10, bytes(32), {"from": accounts[29]})
    gas["vote"] = pool.vote(1, 10, bytes(32), {"from": people[-2]}).gas_used
    at(stage.window_end(1))
    gas["resolve"] = pool.resolve(1, {"from": keeper}).gas_used
    gas["settle_window"] = pool.settle_window(0, {"from": keeper}).gas_used
    stage.after_reporting()
    gas["settle"] = pool.settle({"from": keeper}).gas_used
    gas["refund"] = pool.refund(people[-1], {"from": keeper}).gas_used
    gas["refund_many"] = pool.refund_many(1, 2, {"from": keeper}).gas_used
    return gas


@pytest.mark.spec("I7")
def test_gas_is_flat(make_stage, keeper):
    changes = {"quorum_bps": 1, "silent_consent_limit": 10**20, "min_members": 2}
    small = life(make_stage(**changes), list(accounts[20:28]), keeper)
    large = life(make_stage(**changes), list(accounts[1:29]), keeper)
    for call, gas in small.items():
        assert abs(large[call] - gas) <= NOISE, call


def totals_word(roster_size, members, premiums):
    """Return the word in which the pool keeps its counts, while there are no claims."""
    return roster_size | members << 32 | premiums << 128


@pytest.mark.spec("J20")
def test_join__ids_are_used_up__reverts(stage, pool, outsider):
    """Four thousand million people have joined and left: nothing wraps around."""
    word = totals_word(6, 6, 600 * stage.u)
    slots = [web3.eth.get_storage_at(pool.address, i) for i in range(64)]
    [slot] = [i for i, found in enumerate(slots) if int.from_bytes(found, "big") == word]
    args = (*stage.sign(outsider), ZERO_ADDRESS, {"from": outsider, "value": 100 * stage.u})

    def join(given_before):
        word = totals_word(given_before, 6, 600 * stage.u)
        words = {f"0x{slot:064x}": f"0x{word:064x}"}
        return pool.join.call(*args, override={pool.address: {"stateDiff": words}})

    assert join(2**32 - 2) == 2**32 - 1
    with reverts(""):  # the roster, an array, has no place for it
        join(2**32 - 1)
