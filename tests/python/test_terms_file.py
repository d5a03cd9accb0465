"""Terms files: what is read, and one clear error for everything that is wrong."""

import re

import pytest
from eth_utils import keccak

from peerpool.terms import Layer, TermsError, Tier, check, describe, load, read, tier_names
from peerpool.units import DAY, ETHER, YEAR, ZERO_ADDRESS

NAMES = {
    "organiser": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "arbiter": "0xBcd4042DE499D14e55001CcbB24a551F3b954096",
    "cause": "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
}
SHORTEST = """\
[pool]
name = "Shortest"
asset = "ETH"
organiser = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
wording_hash = "0x1111111111111111111111111111111111111111111111111111111111111111"
[period]
cover_start = 2027-01-20
expiry = 2028-01-20T12:00:00+01:00
reporting_period = "30 days"
[joining]
min_members = 2
max_members = 100
[claims]
voting_period = "7 days"
quorum = "50 %"
approval = "50 %"
[[tier]]
name = "one"
premium = "0.5 ETH"
cover_limit = "5 ETH"
"""
LAYERS = """\
[reinsurance]
reinsurer = "cause"
max_cession = "12.5 %"
[[layer]]
limit = "4 ETH"
premium = "0.3 ETH"
[[layer]]
limit = "9 ETH"
premium = "0 ETH"
"""


@pytest.fixture
def error(tmp_path, now, eurx):
    """A function: the message, without the path, for a file's text."""

    def message(text: str, asset=eurx, names=NAMES) -> str:
        path = tmp_path / "pool.toml"
        path.write_text(text)
        with pytest.raises(TermsError) as caught:
            load(path, asset=asset, now=now, names=names)
        start = f"terms: {path}: "
        assert str(caught.value).startswith(start)
        return str(caught.value).removeprefix(start).replace(f"{tmp_path}/", "")

    return message


def test_demo__read__is_what_it_says(pools, terms, changed, eurx, now):
    file = read(pools / "demo.toml", asset=eurx, now=now, names=NAMES)
    assert file.asset == eurx
    assert file.tier_names == ("city bike", "cargo bike")
    assert file.terms == changed(
        enrolment_end=terms.cover_start + 60 * DAY,
        wording_hash=keccak((pools / "demo-wording.md").read_bytes()),
    )


@pytest.mark.parametrize("example", ["demo.toml", "demo-reinsured.toml"])
def test_examples__read__break_no_rule(pools, eurx, now, example):
    file = read(pools / example, asset=eurx, now=now, names=NAMES)
    check(file.terms, now)


def test_shortest__read__has_nothing_that_was_left_out(tmp_path, now):
    path = tmp_path / "pool.toml"
    path.write_text(SHORTEST)
    terms = load(path, asset=ETHER, now=now)
    check(terms, now)
    assert (terms.asset, terms.cover_start, terms.expiry) == (ZERO_ADDRESS, 1800403200, 1831978800)
    assert terms.enrolment_end == terms.cover_start
    assert (terms.gate, terms.cause, terms.claim_bond, terms.cause_bps) == (
        ZERO_ADDRESS,
        ZERO_ADDRESS,
        0,
        0,
    )
    assert (terms.arbiter, terms.appeal_period, terms.ruling_period, terms.desk) == (
        ZERO_ADDRESS,
        0,
        0,
        ZERO_ADDRESS,
    )
    assert terms.tiers == (Tier(5 * 10**17, 5 * 10**18),)
    assert (terms.reinsurer, terms.max_cession_bps, terms.reinsurance) == (ZERO_ADDRESS, 0, ())


def test_layers__read__are_those_of_the_file_in_order(tmp_path, now):
    path = tmp_path / "pool.toml"
    path.write_text(SHORTEST + LAYERS)
    terms = load(path, asset=ETHER, now=now, names=NAMES)
    check(terms, now)
    assert terms.reinsurance == (Layer(4 * 10**18, 3 * 10**17), Layer(9 * 10**18, 0))
    assert (terms.reinsurer, terms.max_cession_bps) == (NAMES["cause"], 1250)


def test_layers__of_the_demo__are_read_as_they_are_shown(pools, eurx, tmp_path, now):
    (tmp_path / "demo-wording.md").write_bytes((pools / "demo-wording.md").read_bytes())
    text, hidden = re.subn(
        r"^# (\[\[layer|\[reins|reinsurer|max_cession|limit|premium)",
        r"\1",
        (pools / "demo.toml").read_text(),
        flags=re.MULTILINE,
    )
    path = tmp_path / "pool.toml"
    path.write_text(text)
    names = {**NAMES, "reinsurer": "0x90F79bf6EB2c4f870365E785982E1f101E93b906"}
    terms = load(path, asset=eurx, now=now, names=names)
    check(terms, now)
    assert hidden == 9
    assert (terms.reinsurer, terms.max_cession_bps) == (names["reinsurer"], 3000)
    assert terms.reinsurance == (
        Layer(600_000_000, 60_000_000),
        Layer(1_200_000_000, 60_000_000),
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('premium = "0.3 ETH"', "", "missing key layer[0].premium"),
        ('limit = "9 ETH"', "", "missing key layer[1].limit"),
        (
            'limit = "9 ETH"',
            'limt = "9 ETH"',
            "unknown key layer[1].limt (did you mean layer[1].limit?)",
        ),
        ('limit = "9 ETH"', 'name = "top"', "unknown key layer[1].name"),
        ('"4 ETH"', '"4 EUR"', 'layer[0].limit: amount: "4 EUR" is not in ETH'),
        ('"0 ETH"', '"-1 ETH"', 'layer[1].premium: amount: "-1 ETH" is negative'),
        ('"4 ETH"', "4", 'layer[0].limit: amount: 4 is not text like "120 ETH"'),
        (
            '"12.5 %"',
            '"12.505 %"',
            'reinsurance.max_cession: percent: "12.505 %" is finer than 0.01 %',
        ),
        (
            "max_cession",
            "max_cesion",
            "unknown key reinsurance.max_cesion (did you mean reinsurance.max_cession?)",
        ),
        (
            'reinsurer = "cause"',
            'reinsurer = "lloyds"',
            'reinsurance.reinsurer: address: none given for the name "lloyds"',
        ),
        ("[reinsurance]", "[reinsurer]", "unknown key reinsurer (did you mean reinsurance?)"),
        ("[reinsurance]", "[[reinsurance]]", "reinsurance: write [reinsurance], a section"),
        ("[[layer]]", "[[layers]]", "unknown key layers (did you mean layer?)"),
    ],
)
def test_layers__wrong__are_refused(error, old, new, message):
    assert old in LAYERS
    assert error(SHORTEST + LAYERS.replace(old, new), asset=ETHER) == message


def test_layers__as_a_plain_section__are_refused(error):
    layer = '[layer]\nlimit = "4 ETH"\npremium = "0.3 ETH"\n'
    assert error(SHORTEST + layer, asset=ETHER) == "layer: write [[layer]], once for each layer"


def test_asset__asked_from_the_chain__by_address(pools, eurx, now):
    asked = []

    def from_chain(address):
        asked.append(address)
        return eurx

    names = {**NAMES, "EURX": eurx.address.lower()}
    file = read(pools / "demo.toml", asset=from_chain, now=now, names=names)
    assert asked == [eurx.address]
    assert file.terms.deductible == 50_000_000


def test_asset__ether__is_not_asked_for(tmp_path, now):
    path = tmp_path / "pool.toml"
    path.write_text(SHORTEST)

    def from_chain(address):
        raise AssertionError(address)

    assert read(path, asset=from_chain, now=now).asset == ETHER


def test_asset__by_address__is_the_one_given(tmp_path, eurx, now):
    path = tmp_path / "pool.toml"
    path.write_text(SHORTEST.replace('"ETH"', f'"{eurx.address.lower()}"').replace(" ETH", " EURX"))
    assert load(path, asset=eurx, now=now).asset == eurx.address


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("bond =", "bnd =", "unknown key claims.bnd (did you mean claims.bond?)"),
        ("[surplus]", "[surplsu]", "unknown key surplsu (did you mean surplus?)"),
        (
            'fee = "2.5 %"',
            "voting_period = 1",
            "unknown key joining.voting_period (did you mean claims.voting_period?)",
        ),
        (
            'premium = "90',
            'premum = "90',
            "unknown key tier[0].premum (did you mean tier[0].premium?)",
        ),
        ('fee = "2.5 %"', "xyzzy = 1", "unknown key joining.xyzzy"),
        ('name = "Bicycle cover"', "", "missing key pool.name"),
        ("expiry =", "# expiry =", "missing key period.expiry"),
        ('wording = "demo-wording.md"', "", "missing key pool.wording"),
        ('premium = "180 EURX"', "", "missing key tier[1].premium"),
        ("[[tier]]", "[tier]", "is not TOML: Cannot declare ('tier',) twice (at line N, column N)"),
        ("[pool]", "pool = 3\n[pol]", "pool: write [pool], a section"),
        ('"Bicycle cover"', "7", "pool.name: 7 is not text"),
        ("= 5 ", "= 5.5 ", "joining.min_members: 5.5 is not a whole number"),
        ("= 5 ", "= true ", "joining.min_members: true is not a whole number"),
        (
            "members_may_invite = false",
            'members_may_invite = "no"',
            'joining.members_may_invite: "no" is not true or false',
        ),
        ('"10 EURX"', "10", 'claims.bond: amount: 10 is not text like "120 EURX"'),
        ('"10 EURX"', '"10 ETH"', 'claims.bond: amount: "10 ETH" is not in EURX'),
        (
            '"10 EURX"',
            '"0.0000001 EURX"',
            'claims.bond: amount: "0.0000001 EURX" has more than 6 decimals',
        ),
        ('"1500 EURX"', '"-1 EURX"', 'tier[1].cover_limit: amount: "-1 EURX" is negative'),
        ('"2.5 %"', '"2.555 %"', 'joining.fee: percent: "2.555 %" is finer than 0.01 %'),
        (
            '"14 days"',
            '"14 moons"',
            'claims.waiting_period: duration: "14 moons": "moons" '
            "is none of seconds, minutes, hours, days, weeks, years",
        ),
        (
            'expiry = "1 year"',
            'expiry = "1 yaer"',
            'period.expiry: duration: "1 yaer": "yaer" '
            "is none of seconds, minutes, hours, days, weeks, years",
        ),
        (
            '"in 7 days"',
            '"next week"',
            'period.cover_start: date: "next week" is not like "2027-01-01 12:00 UTC"',
        ),
        (
            '"in 7 days"',
            "07:30:00",
            'period.cover_start: date: datetime.time(7, 30) is not like "2027-01-01 12:00 UTC"',
        ),
        (
            'organiser = "organiser"',
            'organiser = "organizer"',
            'pool.organiser: address: none given for the name "organizer"',
        ),
        (
            'organiser = "organiser"',
            'organiser = "0x12"',
            'pool.organiser: address: "0x12" is not 0x and 40 hex digits',
        ),
        (
            'asset = "EURX"',
            'asset = "USDC"',
            'pool.asset: asset: "USDC" is not EURX at 0x5FbDB2315678afecb367f032d93F642f64180aa3',
        ),
        ('"demo-wording.md"', '"gone.md"', "pool.wording: wording: gone.md: no such file"),
        ('"demo-wording.md"', '"empty.md"', "pool.wording: wording: empty.md: is empty"),
        ('"demo-wording.md"', '"."', "pool.wording: wording: TMP: is a folder, not a file"),
        (
            "wording =",
            'wording_hash = "0x12"\nwording =',
            "pool.wording and pool.wording_hash: only one of them is needed",
        ),
        (
            "wording = ",
            'wording_hash = "0x12" # ',
            'pool.wording_hash: "0x12" is not 0x and 64 hex digits',
        ),
        ('"cargo bike"', '"city bike"', 'tier[1].name: "city bike" is the name of another tier'),
        ('"cargo bike"', '"0"', 'tier[1].name: "0" is not a name (one that is not a number)'),
        ("max_members = 20", f"max_members = {'9' * 5000}", "is not TOML: TOO MANY DIGITS"),
        (
            "[pool]",
            "[pool",
            "is not TOML: Expected ']' at the end of a table declaration (at line N, column N)",
        ),
    ],
)
def test_read__wrong_file__is_refused(pools, tmp_path, error, old, new, message):
    (tmp_path / "demo-wording.md").write_text("text")
    (tmp_path / "empty.md").write_text("")
    text = (pools / "demo.toml").read_text()
    assert old in text
    found = error(text.replace(old, new))
    found = re.sub(r"line \d+, column \d+", "line N, column N", found).replace(str(tmp_path), "TMP")
    assert re.sub("Exceeds the limit .*", "TOO MANY DIGITS", found) == message


def test_read__one_tier_as_a_plain_section__is_refused(error):
    assert (
        error(SHORTEST.replace("[[tier]]", "[tier]")) == "tier: write [[tier]], once for each tier"
    )


def test_read__name_for_the_asset_that_nobody_gave__is_refused(pools, tmp_path, error):
    text = (pools / "demo.toml").read_text()
    assert error(text, asset=lambda address: ETHER) == (
        'pool.asset: address: none given for the name "EURX"'
    )


def test_tier_names__demo__need_neither_chain_nor_names(pools):
    assert tier_names(pools / "demo.toml") == ("city bike", "cargo bike")


def test_tier_names__missing__are_refused(tmp_path):
    path = tmp_path / "pool.toml"
    path.write_text(SHORTEST.replace('name = "one"', ""))
    with pytest.raises(TermsError) as caught:
        tier_names(path)
    assert str(caught.value) == f"terms: {path}: missing key tier[0].name"


def test_read__no_file__is_refused(tmp_path, now):
    with pytest.raises(TermsError) as caught:
        load(tmp_path / "gone.toml", asset=ETHER, now=now)
    assert str(caught.value) == f"terms: {tmp_path}/gone.toml: no such file"


def test_read__not_text__is_refused(tmp_path, now):
    (tmp_path / "pool.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(TermsError) as caught:
        load(tmp_path / "pool.toml", asset=ETHER, now=now)
    assert str(caught.value) == f"terms: {tmp_path}/pool.toml: is not UTF-8 text"


def test_describe__demo__in_peoples_units(pools, eurx, now):
    file = read(pools / "demo.toml", asset=eurx, now=now, names=NAMES)
    assert describe(file.terms, eurx, file.tier_names) == [
        ("pool", "Bicycle cover"),
        ("asset", "EURX 0x5FbDB2315678afecb367f032d93F642f64180aa3"),
        ("organiser", NAMES["organiser"]),
        ("cover", "2027-01-22 08:00 UTC to 2028-01-22 08:00 UTC"),
        ("cover lasts", "1 year"),
        ("enrolment", "until 2027-03-23 08:00 UTC, pro rata once cover has started"),
        ("members", "5 to 20, invited by the organiser"),
        ("tier 0, city bike", "premium 90 EURX, cover limit 600 EURX"),
        ("tier 1, cargo bike", "premium 180 EURX, cover limit 1 500 EURX"),
        ("fee", "2.5 % of each premium, to the organiser"),
        ("commission", "1 % of a premium, to the referrer"),
        ("waiting period", "14 days"),
        ("deductible", "50 EURX"),
        ("claim bond", "10 EURX, back unless the claim is rejected"),
        ("voting period", "7 days"),
        ("quorum", "50 % of those who may vote"),
        ("approval", "50 % of the votes cast"),
        ("silent consent", "up to 100 EURX"),
        ("arbiter", NAMES["arbiter"]),
        ("appeal", "within 7 days of the vote"),
        ("ruling", "within 14 days, or the vote stands"),
        ("losses reported", "until 2028-02-21 08:00 UTC"),
        ("reinsurance", "none: when the funds are used up, awards are cut"),
        ("surplus", "10 % to the cause, the rest to all members, by premium"),
        ("cause", NAMES["cause"]),
        ("unclaimed refunds", "to the cause after 1 year"),
        ("wording hash", f"0x{keccak((pools / 'demo-wording.md').read_bytes()).hex()}"),
    ]


def test_describe__layers__as_a_tower(changed, terms, eurx):
    layers = (Layer(600_000_000, 60_000_000), Layer(1_200_000_000, 10_000_000))
    reinsured = changed(reinsurance=layers, max_cession_bps=3000)
    start = ("losses reported", "until 2028-02-21 08:00 UTC")
    rows = describe(reinsured, eurx)
    first = rows.index(start) + 1
    assert rows[first : first + 4] == [
        (
            "layer 1",
            "pays up to 600 EURX once the funds are used up, for 60 EURX (10 % on line)",
        ),
        (
            "layer 2",
            "pays up to 1 200 EURX once layer 1 is used up, for 10 EURX (0.83 % on line)",
        ),
        ("reinsurer", "anybody, with collateral paid in before cover starts"),
        ("ceded to layers", "30 % of the premiums at most"),
    ]
    named = describe(changed(reinsurance=layers, reinsurer=terms.cause), eurx)
    assert named[first + 2] == (
        "reinsurer",
        f"{terms.cause}, with collateral paid in before cover starts",
    )


def test_describe__other_choices__are_told(changed, terms):
    other = changed(
        asset=ZERO_ADDRESS,
        enrolment_end=terms.cover_start,
        gate=terms.cause,
        members_may_invite=True,
        arbiter=ZERO_ADDRESS,
        desk=terms.cause,
        claim_free_refund=True,
        cause=ZERO_ADDRESS,
        cause_bps=0,
        unclaimed_after=0,
        expiry=terms.cover_start + YEAR,
    )
    rows = describe(other, ETHER)
    assert {
        ("asset", "Ether"),
        ("enrolment", "until cover starts"),
        ("members", "5 to 20, invited by the organiser or a member"),
        ("credential to join", terms.cause),
        ("tier 0", "premium 0.00000000009 ETH, cover limit 0.0000000006 ETH"),
        ("arbiter", "none: what the vote decides is the end"),
        ("desk", terms.cause),
        ("surplus", "to members never awarded anything, by premium"),
        ("unclaimed refunds", "wait for ever"),
    } <= set(rows)
