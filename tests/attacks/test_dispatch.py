"""Attacks on the four pieces of code: selectors, storage, stray value, direct calls."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from functools import cache
from itertools import combinations

import pytest

from peerpool.compiled import ROOT
from tests.attacks.arena import IPOOL, ORGANISER, OUTSIDER, TERMS, WORDS, ZERO, Arena
from tests.evm.chain import Reverted, to_address
from tests.evm.contract import Contract, _interface

PAYABLE = ("join", "donate", "file_claim", "file_claim_for", "recover", "add_collateral")
PARTS = ("Pool", "BackOffice", "TreatyOffice", "PolicyOffice")
TARGETS = ("implementation", "office", "treaty_office", "policy_office")


def functions(path: str) -> dict[bytes, str]:
    """Selectors and names of a contract's own externals."""
    return {f.selector: name for (name, _), f in _interface(path).functions.items()}


@cache
def layout(name: str) -> dict:
    """Storage and transient storage of a contract, by the compiler."""
    command = [sys.executable, "-m", "vyper.cli.vyper_compile", "-p", ".", "-f", "layout"]
    run = subprocess.run(
        [*command, f"contracts/{name}.vy"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def example_arguments(name: str) -> tuple:
    """Arguments of the right types for every function of a pool."""
    invitation = (OUTSIDER, 0, 2**40)
    return {
        "join": (invitation, bytes(65), ZERO),
        "join_with_permit": (invitation, bytes(65), ZERO, (1, 2**40, 27, WORDS, WORDS)),
        "file_claim": (1, 1, WORDS, ""),
        "file_claim_for": (OUTSIDER, 1, 1, WORDS, ""),
        "vote": (1, 0, WORDS),
        "cast_ballots": (1, 0, WORDS, [(1, 1)]),
        "cast_ballot_for": (1, OUTSIDER, 0, WORDS, bytes(65)),
        "rule": (1, 0, WORDS),
        "change_wallet_for": (OUTSIDER, OUTSIDER, 2**40, bytes(65), bytes(65)),
        "support_recovery": (OUTSIDER, OUTSIDER, [(1, 1)]),
        "supportsInterface": (b"\x01\xff\xc9\xa7",),
        "setApprovalForAll": (OUTSIDER, True),
        "donate": (1,),
        "refund_many": (1, 1),
        "has_voted": (1, OUTSIDER),
    }.get(name, ())


def calldata(name: str) -> bytes:
    """A well-formed call of a function of a pool."""
    spec = next(f for (n, _), f in _interface(IPOOL).functions.items() if n == name)
    args = example_arguments(name)
    if not args:
        args = tuple(OUTSIDER if kind == "address" else 1 for kind in spec.inputs)
    return spec.encode(args)


@pytest.mark.spec("F8")
def test_every_function__is_in_exactly_one_of_the_four() -> None:
    """A selector in two would hide the later one's; one in none would be a promise unkept."""
    parts = [functions(f"contracts/{part}.vy") for part in PARTS]
    together = {selector: name for part in parts for selector, name in part.items()}
    assert sum(map(len, parts)) == len(together)
    assert together == functions(IPOOL)


def slots(name: str, kind: str = "storage_layout") -> dict[range, tuple[str, str]]:
    """What lies in which slots: the variable's name and type. (An array has many.)"""
    found: dict[range, tuple[str, str]] = {}

    def walk(path: str, entry: dict) -> None:
        if "slot" not in entry:
            for key, inner in entry.items():
                walk(f"{path}.{key}", inner)
            return
        place = range(entry["slot"], entry["slot"] + entry["n_slots"])
        assert not any(overlap(place, other) for other in found)
        found[place] = (path, entry["type"])

    walk("", layout(name)[kind])
    return found


def overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


@pytest.mark.spec("F8")
@pytest.mark.parametrize("one, other", list(combinations(PARTS, 2)))
@pytest.mark.parametrize("kind", ["storage_layout", "transient_storage_layout"])
def test_storage__is_laid_out_alike(kind: str, one: str, other: str) -> None:
    """Four codes on one storage: a slot that moves would turn one field into another."""
    mine, theirs = slots(one, kind), slots(other, kind)
    theirs = {place: what for place, what in theirs.items() if what[0] != "._gap"}
    shared = set(mine.items()) & set(theirs.items())
    assert shared
    # what only one of them knows: it lies elsewhere, and is not the other's by name
    for place, what in set(mine.items()) - shared:
        assert not any(overlap(place, place_there) for place_there in theirs)
        assert what not in theirs.values()


def test_gap__is_what_the_treaty_office_keeps_for_itself() -> None:
    gap = {place for place, (name, _) in slots("PolicyOffice").items() if name == "._gap"}
    assert gap == set(slots("TreatyOffice")) - set(slots("Pool"))


@pytest.mark.spec("M7")
def test_ether__cannot_ride_on_a_call_that_takes_none(a: Arena) -> None:
    """Nor be booked twice: once as value, once as stray."""
    a.create()
    a.join(2)
    a.start()
    a.stray(5)
    for name in functions(IPOOL).values():
        if name in PAYABLE:
            continue
        a.chain.give(OUTSIDER, 1)
        with pytest.raises(Reverted):
            a.chain.transact(OUTSIDER, a.pool.address, calldata(name), 1)
    assert a.chain.balance(a.pool.address) == 1005


def test_ether__cannot_ride_on_a_call_of_a_token_pool(a: Arena) -> None:
    a.use_token()
    a.create(enrolment_end=TERMS.expiry)
    m = [a.join(2), a.join(3)]
    a.chain.give(OUTSIDER, 1)
    a.chain.give(m[0], 1)
    a.start()
    with pytest.raises(Reverted, match="value: pool takes a token"):
        a.pool.send("donate", 1, sender=OUTSIDER, value=1)
    with pytest.raises(Reverted, match="value: pool takes a token"):
        a.pool.send("file_claim", 1, a.chain.time, WORDS, "", sender=m[0], value=1)
    a.fund(OUTSIDER, 1000)
    for value in (1, 2000):  # no change of a late joiner is given in tokens
        a.chain.give(OUTSIDER, value)
        with pytest.raises(Reverted, match="value: pool takes a token"):
            a.pool.send("join", *a.invite(OUTSIDER, 0), ZERO, sender=OUTSIDER, value=value)


@pytest.mark.spec("M16")
@pytest.mark.parametrize("which", TARGETS)
def test_called_directly__the_code_of_pools_holds_no_money(a: Arena, which: str) -> None:
    """No initialiser to take over, nothing to destroy, no way to pay in (Parity 2017)."""
    a.create()
    target = getattr(a, which)
    code = a.chain.code(target.address)
    a.chain.give(target.address, 7)  # forced
    for name in functions(IPOOL).values():
        for value in (0, 1):
            a.chain.give(OUTSIDER, value)
            try:
                a.chain.transact(OUTSIDER, target.address, calldata(name), value)
            except Reverted:
                continue
            assert value == 0, f"{name} took money"
    assert a.chain.balance(target.address) == 7
    assert a.chain.code(target.address) == code
    a.join(2)  # pools do not care
    a.audit()


@pytest.mark.spec("M16")
def test_implementation__can_be_joined_by_nobody(a: Arena) -> None:
    a.create()
    a.pool = Contract(a.chain, IPOOL, a.implementation.address)
    with pytest.raises(Reverted, match="pool: is an implementation"):
        a.pool.send("join", *a.invite(OUTSIDER), ZERO, sender=OUTSIDER)
    with pytest.raises(Reverted, match="pool: is an implementation"):
        a.pool.send("donate", 0, sender=OUTSIDER)


def test_delegated_code__works_on_the_caller_s_storage_only(a: Arena) -> None:
    """Anybody may delegatecall a part of the code: it is their own storage they ruin."""
    a.create()
    a.join(2)
    before = a.chain.balance(a.pool.address), tuple(a.summary())
    # PUSH0 x2, calldatasize.. : calldatacopy(0,0,size); delegatecall(gas, target, 0, size, 0, 0)
    for target in TARGETS:
        address = getattr(a, target).address
        runtime = bytes.fromhex("365f5f375f5f365f73" + address[2:] + "5af43d5f5f3e3d5ff3")
        creator = bytes.fromhex(f"60{len(runtime):02x}600a5f3960{len(runtime):02x}5ff3")
        proxy = a.chain.transact(OUTSIDER, "", creator + runtime).created
        for name in functions(IPOOL).values():
            with contextlib.suppress(Reverted):
                a.chain.transact(OUTSIDER, proxy, calldata(name))
    assert before == (a.chain.balance(a.pool.address), tuple(a.summary()))


def test_longest_answers_and_arguments__come_through_whole(a: Arena) -> None:
    """A bound on what is passed on would cut off terms with eight tiers or a long uri."""
    from peerpool.terms import Tier

    tiers = tuple(Tier(1000 + i, 5000 + i) for i in range(8))
    a.create(tiers=tiers, name="x" * 32)
    terms = a.pool.view("terms")
    assert terms.name == "x" * 32
    assert len(terms.tiers) == 8
    assert tuple(terms.tiers[7]) == (1007, 5007)
    m = [a.join(2, 7), a.join(3)]
    a.start()
    a.pool.send("file_claim", 1, a.chain.time, WORDS, "u" * 256, sender=m[0])


def test_errors_of_the_back_office__come_through_word_for_word(a: Arena) -> None:
    a.create()
    with pytest.raises(Reverted) as failure:
        a.by_anyone("settle")
    assert failure.value.reason == "settle: reporting is not over"


def test_dirty_arguments__are_refused(a: Arena) -> None:
    """Bits above an address or a small integer must not make a second name for one account."""
    a.create()
    m = a.join(2)
    for function, bad in (("refund", 1 << 160), ("return_donation", 1 << 255)):
        spec = _interface(IPOOL).functions[function, 1]
        data = spec.selector + (int(m, 16) | bad).to_bytes(32, "big")
        with pytest.raises(Reverted):
            a.chain.transact(OUTSIDER, a.pool.address, data)


def test_money_at_the_address_before_the_pool__is_stray_and_no_hindrance(a: Arena) -> None:
    terms = a.terms.as_tuple()
    address = a.factory.view("predict_pool", ORGANISER, terms, bytes(32))
    a.chain.give(address, 3)
    a.create()
    assert a.pool.address == address
    a.join(2)
    a.start()
    assert a.by_anyone("absorb").value == 3


@pytest.mark.spec("F4")
def test_create_pool__cannot_be_front_run_or_repeated(a: Arena) -> None:
    """CREATE2 with the creator in the salt."""
    terms = a.terms.as_tuple()
    theirs = a.factory.send("create_pool", terms, bytes(32), sender=OUTSIDER).value
    a.create()
    assert a.pool.address != theirs
    with pytest.raises(Reverted, match="factory: pool already exists"):
        a.clone(bytes(32))
    assert a.factory.view("pool_count") == 2


@pytest.mark.spec("F5")
def test_register__spam_is_only_longer(a: Arena) -> None:
    for number in range(30):
        a.factory.send(
            "create_pool", a.terms.as_tuple(), number.to_bytes(32, "big"), sender=OUTSIDER
        )
    a.create()
    assert a.factory.view("is_pool", a.pool.address)
    assert a.factory.view("pool_at", 30) == a.pool.address
    for index in (31, 2**64, 2**255, 2**256 - 1):
        assert a.factory.view("pool_at", index) == ZERO
    assert not a.factory.view("is_pool", a.implementation.address)
    assert not a.factory.view("is_pool", to_address(bytes(20)))


def test_terms_written_in_an_odd_way__are_kept_in_the_usual_one(a: Arena) -> None:
    """Dirt behind the name and a tail behind the terms must not shift what the pool reads."""
    spec = _interface("interfaces/IPoolFactory.vyi").functions["create_pool", 2]
    data = bytearray(spec.encode((a.terms.as_tuple(), bytes(32))))
    name = data.index(b"Attacked")
    data[name + 8 : name + 32] = b"\xff" * 24
    receipt = a.chain.transact(ORGANISER, a.factory.address, bytes(data) + b"\xee" * 77)
    odd = to_address(receipt.output[12:])
    twin = a.factory.send("create_pool", a.terms.as_tuple(), WORDS, sender=ORGANISER).value
    assert a.chain.code(odd) == a.chain.code(twin)
