# pragma version 0.4.3
"""
@title The terms of a pool, kept in its code
@license MIT
@author Peerpool contributors
@notice A pool's code is the 45 bytes of an EIP-1167 stub, abi_encode(terms),
        and one byte that is never read. The parts of the terms that a function
        needs lie side by side, so that it reads them in one piece. Order and
        offsets below follow struct Terms in IPool.vyi.
"""

from interfaces import IPool

# Words 0 to 4
struct Schedule:
    asset: address
    cover_start: uint256
    enrolment_end: uint256
    expiry: uint256
    min_members: uint256


# Words 0 to 16
struct Cover:
    schedule: Schedule
    reporting_period: uint256
    voting_period: uint256
    waiting_period: uint256
    deductible: uint256
    claim_bond: uint256
    quorum_bps: uint256
    approval_bps: uint256
    silent_consent_limit: uint256
    arbiter: address
    appeal_period: uint256
    ruling_period: uint256
    claim_free_refund: bool


# Words 17 to 22
struct Enrolment:
    organiser: address
    gate: address
    members_may_invite: bool
    fee_bps: uint256
    commission_bps: uint256
    max_members: uint256


# Words 23 to 25
struct Surplus:
    cause: address
    cause_bps: uint256
    unclaimed_after: uint256


# The stub, and the word that abi_encode puts before a dynamic struct.
TERMS: constant(uint256) = 45 + 32
# The static words, the name (never empty, so always 2 words) and the number of
# tiers: the same length for all terms.
HEAD: constant(uint256) = 32 * 36
TIERS: constant(uint256) = TERMS + HEAD

BPS: constant(uint256) = 10_000
MAX_AMOUNT: constant(uint256) = 2**100
# The sum of all members' has 116 bits.
MAX_PREMIUM: constant(uint256) = 2**93
MAX_MEMBERS: constant(uint256) = 2**23 - 1
MAX_LOADING_BPS: constant(uint256) = 3_000
MAX_CESSION_BPS: constant(uint256) = 5_000
HOUR: constant(uint256) = 60 * 60
DAY: constant(uint256) = 24 * HOUR
YEAR: constant(uint256) = 365 * DAY


# --- writing: for the factory -----------------------------------------------


@internal
@view
def _check(t: IPool.Terms):
    assert t.name != "", "terms: name is empty"
    assert self._is_plain(t.name), (
        "terms: name has a character that JSON or a URI escapes"
    )
    assert t.organiser != empty(address), "terms: organiser is the zero address"
    assert t.asset == empty(address) or t.asset.is_contract, (
        "terms: asset has no code"
    )
    assert t.gate == empty(address) or t.gate.is_contract, (
        "terms: gate has no code"
    )
    assert t.desk == empty(address) or t.desk.is_contract, (
        "terms: desk has no code"
    )
    assert t.cover_start > block.timestamp, (
        "terms: cover_start is not in the future"
    )
    assert t.cover_start <= block.timestamp + 10 * YEAR, (
        "terms: cover_start is too far away"
    )
    assert t.expiry > t.cover_start, "terms: expiry is not after cover_start"
    assert t.expiry <= t.cover_start + 10 * YEAR, (
        "terms: cover is longer than 10 years"
    )
    assert t.enrolment_end >= t.cover_start, (
        "terms: enrolment_end is before cover_start"
    )
    assert t.enrolment_end <= t.expiry, "terms: enrolment_end is after expiry"
    assert t.reporting_period >= HOUR, (
        "terms: reporting_period is shorter than 1 hour"
    )
    assert t.reporting_period <= 10 * YEAR, (
        "terms: reporting_period is longer than 10 years"
    )
    assert t.voting_period >= HOUR, (
        "terms: voting_period is shorter than 1 hour"
    )
    assert t.voting_period <= 90 * DAY, (
        "terms: voting_period is longer than 90 days"
    )
    assert t.waiting_period < t.expiry - t.cover_start, (
        "terms: waiting_period leaves no cover"
    )
    assert t.min_members != 0, "terms: min_members is zero"
    assert t.max_members >= t.min_members, (
        "terms: max_members is below min_members"
    )
    assert t.max_members <= MAX_MEMBERS, "terms: max_members is above 8388607"
    assert (
        t.fee_bps <= MAX_LOADING_BPS
        and t.commission_bps <= MAX_LOADING_BPS - t.fee_bps
    ), "terms: fee_bps plus commission_bps is above 3000"
    assert t.quorum_bps != 0, "terms: quorum_bps is zero"
    assert t.quorum_bps <= BPS, "terms: quorum_bps is above 10000"
    assert t.approval_bps >= BPS // 2, "terms: approval_bps is below 5000"
    assert t.approval_bps <= BPS, "terms: approval_bps is above 10000"
    if t.arbiter == empty(address):
        assert t.appeal_period == 0, "terms: appeal_period without an arbiter"
        assert t.ruling_period == 0, "terms: ruling_period without an arbiter"
    else:
        assert t.appeal_period >= HOUR, (
            "terms: appeal_period is shorter than 1 hour"
        )
        assert t.appeal_period <= 90 * DAY, (
            "terms: appeal_period is longer than 90 days"
        )
        assert t.ruling_period >= HOUR, (
            "terms: ruling_period is shorter than 1 hour"
        )
        assert t.ruling_period <= 90 * DAY, (
            "terms: ruling_period is longer than 90 days"
        )
    assert t.cause_bps <= BPS, "terms: cause_bps is above 10000"
    if t.cause == empty(address):
        assert t.cause_bps == 0, "terms: cause_bps without a cause"
        assert t.unclaimed_after == 0, "terms: unclaimed_after without a cause"
    else:
        assert t.unclaimed_after >= 180 * DAY, (
            "terms: unclaimed_after is shorter than 180 days"
        )
        assert t.unclaimed_after <= 100 * YEAR, (
            "terms: unclaimed_after is longer than 100 years"
        )
    self._check_reinsurance(t)
    assert t.wording_hash != empty(bytes32), "terms: wording_hash is zero"
    assert len(t.tiers) != 0, "terms: no tiers"
    smallest: uint256 = MAX_AMOUNT
    for tier: IPool.Tier in t.tiers:
        assert tier.premium != 0, "terms: premium is zero"
        assert tier.premium <= MAX_PREMIUM, "terms: premium is above 2**93"
        assert tier.cover_limit <= MAX_AMOUNT, (
            "terms: cover_limit is above 2**100"
        )
        assert tier.cover_limit >= tier.premium, (
            "terms: cover_limit is below the premium"
        )
        assert tier.cover_limit > t.deductible, (
            "terms: cover_limit is not above the deductible"
        )
        smallest = min(smallest, tier.cover_limit)
    assert t.claim_bond < smallest, (
        "terms: claim_bond is not below the smallest cover_limit"
    )


@internal
@pure
def _check_reinsurance(t: IPool.Terms):
    premiums: uint256 = 0
    for layer: IPool.LayerTerms in t.reinsurance:
        assert layer.limit != 0, "terms: layer limit is zero"
        assert layer.limit <= MAX_AMOUNT, ("terms: layer limit is above 2**100")
        assert layer.premium < layer.limit, (
            "terms: layer premium is not below its limit"
        )
        premiums += layer.premium
    assert premiums == 0 or t.max_cession_bps != 0, (
        "terms: layer premium without max_cession_bps"
    )
    assert t.max_cession_bps <= MAX_CESSION_BPS, (
        "terms: max_cession_bps is above 5000"
    )
    if len(t.reinsurance) == 0:
        assert t.max_cession_bps == 0, "terms: max_cession_bps without layers"
        assert t.reinsurer == empty(address), (
            "terms: reinsurer without layers"
        )
    assert t.reinsurer == empty(address) or t.reinsurer != t.arbiter, (
        "terms: reinsurer is the arbiter"
    )


# The policy's token URI holds the name as it is, so it has to be UTF-8.
@internal
@pure
def _is_plain(name: String[32]) -> bool:
    # Bytes of a character that are still to come, and what the next may be
    left: uint256 = 0
    low: uint256 = 128
    high: uint256 = 191
    for i: uint256 in range(len(name), bound=32):
        byte: uint256 = convert(convert(slice(name, i, 1), Bytes[1]), uint256)
        if left != 0:
            if byte < low or byte > high:
                return False
            left -= 1
            low = 128
            high = 191
        elif byte < 128:
            # Control characters, " # % and backslash
            if (
                byte < 32
                or byte == 34
                or byte == 35
                or byte == 37
                or byte == 92
                or byte == 127
            ):
                return False
        elif byte < 194 or byte > 244:
            return False
        else:
            left = 1
            if byte >= 224:
                left = 2
            if byte >= 240:
                left = 3
            # Nothing longer than it need be, no surrogates, the last is U+10FFFF
            if byte == 224:
                low = 160
            elif byte == 237:
                high = 159
            elif byte == 240:
                low = 144
            elif byte == 244:
                high = 143
    return left == 0


# --- reading: for the pool --------------------------------------------------


@internal
@view
def _all() -> IPool.Terms:
    me: address = self
    head: Bytes[HEAD] = slice(me.code, 45, HEAD)
    tiers: DynArray[IPool.Tier, 8] = []
    for i: uint256 in range(self._tier_count(), bound=8):
        tiers.append(
            IPool.Tier(
                premium=self._tier_premium(i),
                cover_limit=self._cover_limit(i),
            )
        )
    layers: DynArray[IPool.LayerTerms, 4] = []
    for i: uint256 in range(self._layer_count(), bound=4):
        layers.append(self._layer(i + 1))
    return abi_decode(
        concat(
            head,
            abi_encode(tiers, ensure_tuple=False),
            abi_encode(layers, ensure_tuple=False),
        ),
        IPool.Terms,
    )


# Under delegatecall self.code would be the implementation's; code of an address
# held in a variable is read by EXTCODECOPY, and is the pool's own.
@internal
@view
def _schedule() -> Schedule:
    me: address = self
    return abi_decode(
        slice(me.code, TERMS, 32 * 5), Schedule, unwrap_tuple=False
    )


@internal
@view
def _cover() -> Cover:
    me: address = self
    return abi_decode(slice(me.code, TERMS, 32 * 17), Cover, unwrap_tuple=False)


@internal
@view
def _enrolment() -> Enrolment:
    me: address = self
    return abi_decode(
        slice(me.code, TERMS + 32 * 17, 32 * 6), Enrolment, unwrap_tuple=False
    )


@internal
@view
def _surplus() -> Surplus:
    me: address = self
    return abi_decode(
        slice(me.code, TERMS + 32 * 23, 32 * 3), Surplus, unwrap_tuple=False
    )


@internal
@view
def _claim_free_refund() -> bool:
    return self._word(TERMS + 32 * 16) != 0


@internal
@view
def _desk() -> address:
    return convert(self._word(TERMS + 32 * 26), address)


@internal
@view
def _reinsurer() -> address:
    return convert(self._word(TERMS + 32 * 27), address)


@internal
@view
def _max_cession_bps() -> uint256:
    return self._word(TERMS + 32 * 28)


@internal
@view
def _tier_count() -> uint256:
    return self._word(TIERS - 32)


@internal
@view
def _has_tier(index: uint256) -> bool:
    return index < self._tier_count()


@internal
@view
def _tier_premium(index: uint256) -> uint256:
    return self._word(TIERS + 64 * index)


@internal
@view
def _cover_limit(index: uint256) -> uint256:
    return self._word(TIERS + 64 * index + 32)


@internal
@view
def _premiums() -> DynArray[uint256, 8]:
    premiums: DynArray[uint256, 8] = []
    for i: uint256 in range(self._tier_count(), bound=8):
        premiums.append(self._tier_premium(i))
    return premiums


# Where the number of layers stands: behind the tiers.
@internal
@view
def _layers_at() -> uint256:
    return TIERS + 64 * self._tier_count()


@internal
@view
def _layer_count() -> uint256:
    return self._word(self._layers_at())


# By number, from 1.
@internal
@view
def _layer(number: uint256) -> IPool.LayerTerms:
    at: uint256 = self._layers_at() + 32 + 64 * (number - 1)
    return IPool.LayerTerms(limit=self._word(at), premium=self._word(at + 32))


# The contract of a layer's shares: the factory puts these behind the terms.
@internal
@view
def _shares_of(number: uint256) -> address:
    at: uint256 = self._layers_at() + 32 + 64 * self._layer_count()
    return convert(self._word(at + 32 * (number - 1)), address)


@internal
@view
def _word(at: uint256) -> uint256:
    me: address = self
    return convert(slice(me.code, at, 32), uint256)


# The claims window of a time (rule 6).
@internal
@pure
def _window_at(c: Cover, at: uint256) -> uint256:
    return (at - c.schedule.cover_start) // c.voting_period


# What a member of a tier who joined then has paid.
@internal
@view
def _premium(tier: uint256, joined_at: uint256, s: Schedule) -> uint256:
    return self._premium_at(self._tier_premium(tier), s, joined_at)


# Pro rata temporis once cover has started, rounded up (rule 5).
@internal
@pure
def _premium_at(premium: uint256, s: Schedule, at: uint256) -> uint256:
    if at <= s.cover_start:
        return premium
    period: uint256 = s.expiry - s.cover_start
    return (premium * (s.expiry - at) + period - 1) // period
