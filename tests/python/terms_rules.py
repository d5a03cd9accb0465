"""The rules of docs/design.md, "Terms": each with the least change that breaks it alone."""

from peerpool.terms import Layer, Tier
from peerpool.units import DAY, HOUR, YEAR, ZERO_ADDRESS

NOW = 1_800_000_000  # of the `terms` fixture
START = NOW + 7 * DAY
END = START + YEAR
MILLION = 10**6
ARBITER = "0xBcd4042DE499D14e55001CcbB24a551F3b954096"
FREE = Layer(10, 0)  # costs nothing

# In the order of the table. Each: message, what breaks it, and what is just allowed.
RULES = [
    ("name is empty", {"name": ""}, {"name": "a"}),
    *(
        (
            "name has a character that JSON or a URI escapes",
            {"name": f"a{bad}"},
            {"name": f"a{good}"},
        )
        for bad, good in (
            ("\x1f", " "),
            ('"', "!"),
            ("#", "$"),
            ("%", "&"),
            ("\\", "]"),
            ("\x7f", "~"),
        )
    ),
    ("organiser is the zero address", {"organiser": ZERO_ADDRESS}, {}),
    ("asset has no code", {"asset": "0x" + "22" * 20}, {"asset": ZERO_ADDRESS}),
    ("gate has no code", {"gate": "0x" + "22" * 20}, {"gate": ZERO_ADDRESS}),
    ("desk has no code", {"desk": "0x" + "22" * 20}, {"desk": ZERO_ADDRESS}),
    (
        "cover_start is not in the future",
        {"cover_start": START - 7 * DAY},
        {"cover_start": START - 7 * DAY + 1},
    ),
    (
        "cover_start is too far away",
        {"cover_start": START - 7 * DAY + 10 * YEAR + 1},
        {
            "cover_start": START - 7 * DAY + 10 * YEAR,
            "enrolment_end": START + 10 * YEAR,
            "expiry": START + 10 * YEAR + YEAR,
        },
    ),
    (
        "expiry is not after cover_start",
        {"expiry": START},
        {"expiry": START + 1, "enrolment_end": START, "waiting_period": 0},
    ),
    (
        "cover is longer than 10 years",
        {"expiry": START + 10 * YEAR + 1},
        {"expiry": START + 10 * YEAR},
    ),
    ("enrolment_end is before cover_start", {"enrolment_end": START - 1}, {"enrolment_end": START}),
    ("enrolment_end is after expiry", {"enrolment_end": END + 1}, {"enrolment_end": END}),
    (
        "reporting_period is shorter than 1 hour",
        {"reporting_period": HOUR - 1},
        {"reporting_period": HOUR},
    ),
    (
        "reporting_period is longer than 10 years",
        {"reporting_period": 10 * YEAR + 1},
        {"reporting_period": 10 * YEAR},
    ),
    ("voting_period is shorter than 1 hour", {"voting_period": HOUR - 1}, {"voting_period": HOUR}),
    (
        "voting_period is longer than 90 days",
        {"voting_period": 90 * DAY + 1},
        {"voting_period": 90 * DAY},
    ),
    ("waiting_period leaves no cover", {"waiting_period": YEAR}, {"waiting_period": YEAR - 1}),
    ("min_members is zero", {"min_members": 0}, {"min_members": 1}),
    (
        "max_members is below min_members",
        {"min_members": 21},
        {"min_members": 20},
    ),
    ("max_members is above 8388607", {"max_members": 8388608}, {"max_members": 8388607}),
    (
        "fee_bps plus commission_bps is above 3000",
        {"fee_bps": 1500, "commission_bps": 1501},
        {"fee_bps": 1500, "commission_bps": 1500},
    ),
    ("quorum_bps is zero", {"quorum_bps": 0}, {"quorum_bps": 1}),
    ("quorum_bps is above 10000", {"quorum_bps": 10001}, {"quorum_bps": 10000}),
    ("approval_bps is below 5000", {"approval_bps": 4999}, {"approval_bps": 5000}),
    ("approval_bps is above 10000", {"approval_bps": 10001}, {"approval_bps": 10000}),
    (
        "appeal_period without an arbiter",
        {"arbiter": ZERO_ADDRESS},
        {"arbiter": ZERO_ADDRESS, "appeal_period": 0, "ruling_period": 0},
    ),
    (
        "ruling_period without an arbiter",
        {"arbiter": ZERO_ADDRESS, "appeal_period": 0, "ruling_period": 1},
        {"arbiter": ZERO_ADDRESS, "appeal_period": 0, "ruling_period": 0},
    ),
    ("appeal_period is shorter than 1 hour", {"appeal_period": HOUR - 1}, {"appeal_period": HOUR}),
    (
        "appeal_period is longer than 90 days",
        {"appeal_period": 90 * DAY + 1},
        {"appeal_period": 90 * DAY},
    ),
    ("ruling_period is shorter than 1 hour", {"ruling_period": HOUR - 1}, {"ruling_period": HOUR}),
    (
        "ruling_period is longer than 90 days",
        {"ruling_period": 90 * DAY + 1},
        {"ruling_period": 90 * DAY},
    ),
    ("cause_bps is above 10000", {"cause_bps": 10001}, {"cause_bps": 10000}),
    (
        "cause_bps without a cause",
        {"cause": ZERO_ADDRESS, "cause_bps": 1, "unclaimed_after": 0},
        {"cause": ZERO_ADDRESS, "cause_bps": 0, "unclaimed_after": 0},
    ),
    (
        "unclaimed_after without a cause",
        {"cause": ZERO_ADDRESS, "cause_bps": 0, "unclaimed_after": 1},
        {"cause": ZERO_ADDRESS, "cause_bps": 0, "unclaimed_after": 0},
    ),
    (
        "unclaimed_after is shorter than 180 days",
        {"unclaimed_after": 180 * DAY - 1},
        {"unclaimed_after": 180 * DAY},
    ),
    (
        "unclaimed_after is longer than 100 years",
        {"unclaimed_after": 100 * YEAR + 1},
        {"unclaimed_after": 100 * YEAR},
    ),
    (
        "layer limit is zero",
        {"reinsurance": (FREE, Layer(0, 0))},
        {"reinsurance": (FREE, Layer(1, 0))},
    ),
    (
        "layer limit is above 2**100",
        {"reinsurance": (FREE, Layer(2**100 + 1, 0))},
        {"reinsurance": (FREE, Layer(2**100, 0))},
    ),
    (
        "layer premium is not below its limit",
        {"reinsurance": (FREE, Layer(10, 10)), "max_cession_bps": 1},
        {"reinsurance": (FREE, Layer(10, 9)), "max_cession_bps": 1},
    ),
    (
        "layer premium without max_cession_bps",
        {"reinsurance": (FREE, Layer(10, 1))},
        {"reinsurance": (FREE, Layer(10, 1)), "max_cession_bps": 1},
    ),
    (
        "max_cession_bps is above 5000",
        {"reinsurance": (FREE,), "max_cession_bps": 5001},
        {"reinsurance": (FREE,), "max_cession_bps": 5000},
    ),
    (
        "max_cession_bps without layers",
        {"max_cession_bps": 1},
        {"max_cession_bps": 1, "reinsurance": (FREE,)},
    ),
    (
        "reinsurer without layers",
        {"reinsurer": "0x" + "22" * 20},
        {"reinsurer": "0x" + "22" * 20, "reinsurance": (FREE,)},
    ),
    (
        "reinsurer is the arbiter",
        {"reinsurer": ARBITER, "reinsurance": (FREE,)},
        {
            "reinsurer": ARBITER,
            "reinsurance": (FREE,),
            "arbiter": ZERO_ADDRESS,
            "appeal_period": 0,
            "ruling_period": 0,
        },
    ),
    ("wording_hash is zero", {"wording_hash": bytes(32)}, {"wording_hash": bytes(31) + b"\1"}),
    ("no tiers", {"tiers": ()}, {"tiers": (Tier(90 * MILLION, 600 * MILLION),)}),
    (
        "premium is zero",
        {"tiers": (Tier(90 * MILLION, 600 * MILLION), Tier(0, 600 * MILLION))},
        {"tiers": (Tier(90 * MILLION, 600 * MILLION), Tier(1, 600 * MILLION))},
    ),
    (
        "premium is above 2**93",
        {"tiers": (Tier(2**93 + 1, 2**100),)},
        {"tiers": (Tier(2**93, 2**100),)},
    ),
    (
        "cover_limit is above 2**100",
        {"tiers": (Tier(90 * MILLION, 2**100 + 1),)},
        {"tiers": (Tier(90 * MILLION, 2**100),)},
    ),
    (
        "cover_limit is below the premium",
        {"tiers": (Tier(90 * MILLION, 90 * MILLION - 1),)},
        {"tiers": (Tier(90 * MILLION, 90 * MILLION),)},
    ),
    (
        "cover_limit is not above the deductible",
        {"tiers": (Tier(1, 50 * MILLION),)},
        {"tiers": (Tier(1, 50 * MILLION + 1),)},
    ),
    (
        "claim_bond is not below the smallest cover_limit",
        {"claim_bond": 600 * MILLION},
        {"claim_bond": 600 * MILLION - 1},
    ),
]
MESSAGES = list(dict.fromkeys(message for message, _, _ in RULES))
