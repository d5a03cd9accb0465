"""Attacks on what wallets read of a policy, on answers that are too long, and on permits."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress

import pytest
from eth_abi.abi import encode
from eth_utils import keccak

from peerpool.compiled import compile_contract
from peerpool.terms import Layer, Tier
from tests.attacks.arena import IPOOL, OUTSIDER, ZERO, Arena
from tests.attacks.papers import sign
from tests.attacks.test_dispatch import PARTS, functions
from tests.attacks.test_hearing import refused
from tests.attacks.test_wallets import owners
from tests.evm.chain import CHAIN_ID, Reverted
from tests.evm.contract import _interface
from tests.evm.signing import DOMAIN_TYPE, address_of

JSON_URI = "data:application/json;utf8,"
HUGE = 2**100


def longest(a: Arena) -> None:
    """A pool whose answers are as long as they get."""
    tiers = tuple(Tier(2**93 - i, HUGE - i) for i in range(8))
    rows = tuple(Layer(HUGE - i, HUGE // 9 - i) for i in range(4))
    a.create(tiers=tiers, reinsurance=rows, max_cession_bps=5000, name="W" * 32)
    a.join(2, 0)


def answer(a: Arena, name: str, *args: object) -> bytes:
    spec = next(f for (n, _), f in _interface(IPOOL).functions.items() if n == name)
    return a.chain.call(a.pool.address, spec.encode(args))


def test_longest_answer_of_every_view__comes_through_whole(a: Arena) -> None:
    """raw_call cuts off what is longer than it was told to expect, and says nothing."""
    longest(a)
    a.start()
    a.file(address_of(2), 10)
    arguments = {
        "tokenURI": (1,),
        "claim": (1,),
        "member": (address_of(2),),
        "supportsInterface": (b"\1\2\3\4",),
        "has_voted": (1, address_of(2)),
        "isApprovedForAll": (ZERO, ZERO),
        "balanceOf": (address_of(2),),
    }
    sizes = {}
    for entry in compile_contract(IPOOL).abi:
        if entry["type"] != "function" or entry["stateMutability"] != "view":
            continue
        name = entry["name"]
        if name == "quote_premium":  # enrolment is over
            continue
        spec = next(f for (n, _), f in _interface(IPOOL).functions.items() if n == name)
        zeros = (ZERO if kind == "address" else 1 for kind in spec.inputs)
        output = answer(a, name, *arguments.get(name, tuple(zeros)))
        spec.decode(output)  # raises if something is missing at the end
        sizes[name] = len(output)
    office = functions("contracts/PolicyOffice.vy").values()
    assert max(size for name, size in sizes.items() if name in office) <= 608
    assert max(sizes.values()) == sizes["terms"] <= 2048


def test_parts__know_how_long_an_answer_may_be() -> None:
    """By the types, not by what one pool happens to say: 544 bytes of text and two words."""
    abi = compile_contract("contracts/PolicyOffice.vy").abi
    outputs = {e["name"]: e["outputs"] for e in abi if e["type"] == "function"}
    dynamic = {
        n for n, out in outputs.items() if any(o["type"] in ("string", "bytes") for o in out)
    }
    assert dynamic == {"name", "symbol", "tokenURI", "eip712Domain"}
    assert len(PARTS) == 4


@pytest.mark.spec("N4")
@pytest.mark.parametrize("bad", ['"', "\\", "\n", "\0", "#", "%", "\x7f", '","x":"'])
def test_name__cannot_break_out_of_the_token_uri(a: Arena, bad: str) -> None:
    terms = list(a.terms.as_tuple())
    (at,) = (i for i, value in enumerate(terms) if value == "Attacked")
    terms[at] = "Pool" + bad
    with pytest.raises(Reverted, match="terms: name has a character"):
        a.factory.send("create_pool", tuple(terms), bytes(32), sender=OUTSIDER)


@pytest.mark.spec("N4")
@pytest.mark.parametrize("before", [0, 13, 28])
def test_name__is_utf8_to_the_last_byte(a: Arena, before: int) -> None:
    """Where every rule of UTF-8 begins and ends, as Python has them; before others, and last."""
    spec = next(
        f
        for (n, _), f in _interface("contracts/PoolFactory.vy").functions.items()
        if n == "check_terms"
    )
    terms = a.terms.as_tuple()

    def refusal(name: bytes) -> str:
        filler = "~" * len(name)
        data = spec.encode((tuple(filler if v == "Attacked" else v for v in terms),))
        assert data.count(filler.encode() + bytes(-len(name) % 32)) == 1
        try:
            a.chain.call(a.factory.address, data.replace(filler.encode(), name))
        except Reverted as failure:
            return failure.reason
        return ""

    leads = b"A\x80\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff"
    seconds = b"A\x7e\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xff"
    tails = (
        b"",
        b"\x80",
        b"\xbf\x80",
        b"\x80\xbf\x80",
        b"\xc0\x80",
        b"\xbfA",
        b"\x7f",
        b"\xbf\x7f",
    )
    fine = 0
    for lead, second, tail in itertools.product(leads, seconds, tails):
        name = (b"a" * before + bytes((lead, second)) + tail)[:32]
        expected = "terms: name has a character that JSON or a URI escapes"
        with suppress(UnicodeDecodeError):
            if "\x7f" not in name.decode():
                expected, fine = "", fine + 1
        assert refusal(name) == expected, name
    assert fine > 50


@pytest.mark.spec("N4")
@pytest.mark.parametrize("name", ["'<script>alert(1)</script>'", "Genève €", "{}[]:,&?=+/ ", "x"])
def test_token_uri__is_json_with_the_name_in_its_place(a: Arena, name: str) -> None:
    a.create(name=name, tiers=(Tier(1000, HUGE),))
    a.join(2), a.join(3)
    a.pool.send("leave", sender=address_of(2))
    uri = a.pool.view("tokenURI", 2)
    assert uri.startswith(JSON_URI)
    policy = json.loads(uri[len(JSON_URI) :])
    assert policy["name"] == f"{name} policy 2"
    traits = {t["trait_type"]: t["value"] for t in policy["attributes"]}
    assert traits == {"tier": 0, "cover limit": str(HUGE), "expiry": a.terms.expiry}
    for gone in (0, 1, 3, 2**32 + 2, 2**256 - 1):
        for view in ("tokenURI", "ownerOf", "locked", "getApproved"):
            with pytest.raises(Reverted, match="policy: no such policy"):
                a.pool.view(view, gone)


@pytest.mark.spec("N2")
def test_policy__moves_by_no_call_of_a_token(a: Arena) -> None:
    a.create()
    m = [a.join(2), a.join(3)]
    before = owners(a)
    calls = [
        ("approve", OUTSIDER, 1),
        ("setApprovalForAll", OUTSIDER, True),
        ("transferFrom", m[0], OUTSIDER, 1),
        ("safeTransferFrom", m[0], OUTSIDER, 1),
        ("safeTransferFrom", m[0], OUTSIDER, 1, b"x" * 1024),
    ]
    for who in (m[0], m[1], OUTSIDER, a.pool.address):
        for call in calls:
            assert refused(a, who, *call) == "policy: cannot be moved"
    assert owners(a) == before
    with pytest.raises(Reverted, match="policy: owner is the zero address"):
        a.pool.view("balanceOf", ZERO)


@pytest.mark.spec("N5")
@pytest.mark.parametrize(
    "interface, known",
    [
        ("01ffc9a7", True),
        ("80ac58cd", True),
        ("5b5e139f", True),
        ("b45a3c0e", True),
        ("ffffffff", False),
        ("00000000", False),
        ("780e9d63", False),  # enumerable: not kept
    ],
)
def test_supports_interface__within_the_gas_of_erc_165(
    a: Arena, interface: str, known: bool
) -> None:
    """30,000, two hops included, or a wallet takes the pool for nothing it knows."""
    a.create()
    spec = _interface(IPOOL).functions["supportsInterface", 1]
    data = spec.encode((bytes.fromhex(interface),))
    receipt = a.chain.transact(OUTSIDER, a.pool.address, data)
    assert receipt.gas_used - 21_000 < 30_000
    assert int.from_bytes(receipt.output, "big") == known


def test_selectors__of_no_two_functions_are_the_same() -> None:
    """Nor of the token and ERC-1271: a pool must never say that it has signed something."""
    every = [s for part in PARTS for s in functions(f"contracts/{part}.vy")]
    assert len(every) == len(set(every))
    assert bytes.fromhex("1626ba7e") not in every


# --- permits ----------------------------------------------------------------


def permit(a: Arena, owner: int, value: int, nonce: int = 0) -> tuple[int, int, int, bytes, bytes]:
    """A permit of the token for the pool, signed by a person."""
    kind = keccak(
        text="Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    )
    words = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
    names = [DOMAIN_TYPE, keccak(text="Money"), keccak(text="1"), CHAIN_ID, a.token.address]
    fields = [kind, address_of(owner), a.pool.address, value, nonce, 2**40]
    struct = encode(["bytes32", "address", "address", "uint256", "uint256", "uint256"], fields)
    digest = keccak(b"\x19\x01" + keccak(encode(words, names)) + keccak(struct))
    signature = sign(owner, digest)
    return value, 2**40, signature[64], signature[:32], signature[32:64]


def join_with(a: Arena, member: int, paper: tuple, sender: str | None = None) -> str:
    invitation = a.invite(address_of(member))
    return refused(a, sender or address_of(member), "join_with_permit", *invitation, ZERO, paper)


@pytest.fixture
def t(a: Arena) -> Arena:
    """A pool that takes a token with permits, and somebody with money."""
    a.use_token("TokenWithPermit")
    a.create()
    a.token.send("mint", address_of(2), 5000, sender=OUTSIDER)
    return a


def test_permit_for_less__does_not_join(t: Arena) -> None:
    assert join_with(t, 2, permit(t, 2, 999)) == "token: transfer failed"
    assert t.summary().members == 0


def test_permit_in_an_ether_pool__does_not_join_for_nothing(a: Arena) -> None:
    a.create()
    refusal = join_with(a, 2, (1000, 2**40, 27, bytes(32), bytes(32)))
    assert refusal == "value: wrong amount"
    assert a.summary().members == 0
