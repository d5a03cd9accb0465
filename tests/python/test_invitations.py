"""Invitation files: there and back, and every way to spoil one."""

import json
from dataclasses import replace

import pytest
from eth_account import Account
from eth_utils import keccak

from peerpool import typed_data
from peerpool.invitations import InvitationError, check, issue, read, write

KEY, OTHER_KEY = keccak(b"organiser"), keccak(b"outsider")
ORGANISER = Account.from_key(KEY).address
POOL = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
A = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
B = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
DEADLINE = 1_800_000_000


def signed(key: bytes = KEY):
    return issue(
        [(A, 0), (B, 1)],
        chain_id=31337,
        pool=POOL,
        organiser=ORGANISER,
        deadline=DEADLINE,
        sign=lambda message: typed_data.sign(key, message),
    )


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "new" / "invitations.json"
    write(path, signed())
    return path


def test_write__then_read__is_the_same(path):
    assert read(path) == signed()
    assert list(path.parent.iterdir()) == [path]


def test_write__has_the_order_that_was_agreed(path):
    tree = json.loads(path.read_text())
    assert list(tree) == ["pool", "chain_id", "organiser", "invitations"]
    assert [list(row) for row in tree["invitations"]] == [
        ["member", "tier", "deadline", "signature"]
    ] * 2
    assert [row["member"] for row in tree["invitations"]] == [A, B]


def test_issue__rows__are_what_join_takes():
    row = signed().rows[1]
    assert row.as_tuple() == (B, 1, DEADLINE)
    message = typed_data.invitation(31337, POOL, *row.as_tuple())
    assert typed_data.recover(message, row.signature) == ORGANISER


def test_issue__signed_by_somebody_else__is_refused():
    assert _problems(signed, OTHER_KEY) == [
        "invitations: row 1: signature is not the organiser's",
        "invitations: row 2: signature is not the organiser's",
    ]


@pytest.mark.parametrize(
    "change",
    [{"pool": A}, {"chain_id": 1}, {"organiser": A}],
    ids=["pool", "chain", "organiser"],
)
def test_check__for_another__is_refused(change):
    assert _problems(check, replace(signed(), **change)) == [
        "invitations: row 1: signature is not the organiser's",
        "invitations: row 2: signature is not the organiser's",
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"member": POOL}, "row 2: signature is not the organiser's"),
        ({"tier": 0}, "row 2: signature is not the organiser's"),
        ({"deadline": DEADLINE + 1}, "row 2: signature is not the organiser's"),
        ({"signature": b""}, "row 2: signature: 0 bytes, not 65"),
    ],
    ids=["member", "tier", "deadline", "signature"],
)
def test_check__one_row_changed__is_refused(change, problem):
    invitations = signed()
    rows = (invitations.rows[0], replace(invitations.rows[1], **change))
    assert _problems(check, replace(invitations, rows=rows)) == [f"invitations: {problem}"]


def test_check__member_twice__is_refused():
    invitations = signed()
    twice = replace(invitations, rows=invitations.rows + invitations.rows[:1])
    assert _problems(check, twice) == [f"invitations: row 3: member {A} is already in row 1"]


ROW = "an object of member, tier, deadline, signature"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda tree: tree.pop("pool"),
            "is not an object of pool, chain_id, organiser, invitations",
        ),
        (
            lambda tree: tree.update(more=1),
            "is not an object of pool, chain_id, organiser, invitations",
        ),
        (
            lambda tree: tree.update(pool="0x12"),
            'pool: address: "0x12" is not 0x and 40 hex digits',
        ),
        (lambda tree: tree.update(chain_id="1"), 'chain_id: "1" is not a number that fits'),
        (lambda tree: tree.update(chain_id=True), "chain_id: true is not a number that fits"),
        (
            lambda tree: tree.update(organiser=None),
            "organiser: address: None is not 0x and 40 hex digits",
        ),
        (lambda tree: tree.update(invitations={}), "invitations: is not a list"),
        (lambda tree: tree["invitations"].append([]), f"row 3: is not {ROW}"),
        (lambda tree: tree["invitations"][1].pop("tier"), f"row 2: is not {ROW}"),
        (
            lambda tree: tree["invitations"][1].update(tier=256),
            "row 2: tier: 256 is not a number that fits",
        ),
        (
            lambda tree: tree["invitations"][1].update(tier=0.5),
            "row 2: tier: 0.5 is not a number that fits",
        ),
        (
            lambda tree: tree["invitations"][1].update(deadline=-1),
            "row 2: deadline: -1 is not a number that fits",
        ),
        (
            lambda tree: tree["invitations"][1].update(deadline=2**256),
            f"row 2: deadline: {2**256} is not a number that fits",
        ),
        (
            lambda tree: tree["invitations"][1].update(signature="0xz"),
            'row 2: signature: "0xz" is not 0x and hex digits',
        ),
        (
            lambda tree: tree["invitations"][1].update(signature="11"),
            'row 2: signature: "11" is not 0x and hex digits',
        ),
        (
            lambda tree: tree["invitations"][1].update(signature="0x11"),
            "row 2: signature: 1 byte, not 65",
        ),
    ],
)
def test_read__spoiled_file__is_refused(path, change, message):
    tree = json.loads(path.read_text())
    change(tree)
    path.write_text(json.dumps(tree))
    assert _problems(read, path) == [f"invitations: {message}"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[]", "is not an object of pool, chain_id, organiser, invitations"),
    ],
    ids=["empty", "list"],
)
def test_read__no_such_object__is_refused(path, text, problem):
    path.write_text(text)
    assert _problems(read, path) == [f"invitations: {problem}"]


def test_read__nested_too_deeply__is_refused(path, too_deep):
    path.write_text(too_deep)
    [problem] = _problems(read, path)
    assert problem.startswith("invitations: is not JSON: maximum recursion depth exceeded")


def test_read__no_file__is_refused(tmp_path):
    assert _problems(read, tmp_path / "gone") == [f"invitations: {tmp_path}/gone: no such file"]


def test_write__fails_half_way__keeps_the_old_file(path, monkeypatch):
    before = path.read_text()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write(path, replace(signed(), rows=()))
    monkeypatch.undo()
    assert path.read_text() == before
    assert list(path.parent.iterdir()) == [path]


def _problems(function, *arguments) -> list[str]:
    with pytest.raises(InvitationError) as caught:
        function(*arguments)
    return caught.value.problems
