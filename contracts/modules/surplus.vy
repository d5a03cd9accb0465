# pragma version 0.4.3
"""
@title Sharing the surplus (rules 12 and 13)
@license MIT
@author Peerpool contributors
@notice Members share by premium, and premiums and awards are final by then: two
        sums tell what anybody is due. No loop over members anywhere.
"""


struct Shares:
    shared: uint256  # since the round began
    premiums: uint256  # among which
    round: uint256
    settled: bool


MASK_40: constant(uint256) = 2**40 - 1
MASK_116: constant(uint256) = 2**116 - 1
MASK_127: constant(uint256) = 2**127 - 1
# A sweep begins a new round: 12 bits, as members' records have.
ROUND: constant(uint256) = 1 << 243
SETTLED: constant(uint256) = 1 << 255
# Less than a hundredth of the refunds that wait does not put off a sweep.
WORTH_A_WAIT: constant(uint256) = 100

# settled_at | shared_at << 40
_times: uint256
# What was shared since the round began | premiums that share << 127 | round << 243
# | SETTLED: one word, because a refund needs all.
_word: uint256
# Premiums of members who were awarded something; kept with claim_free_refund.
_awarded_premiums: uint256


@internal
@view
def _load() -> Shares:
    word: uint256 = self._word
    return Shares(
        shared=word & MASK_127,
        premiums=word >> 127 & MASK_116,
        round=(word & ~SETTLED) >> 243,
        settled=word & SETTLED != 0,
    )


@internal
@view
def _is_settled() -> bool:
    return self._word & SETTLED != 0


@internal
@view
def _settled_at() -> uint256:
    return self._times & MASK_40


@internal
@view
def _shared_at() -> uint256:
    return self._times >> 40


@internal
@view
def _round() -> uint256:
    return (self._word & ~SETTLED) >> 243


@internal
def _mark_settled():
    self._times = block.timestamp
    self._word |= SETTLED


# Premiums of those who share: the claim-free, if the terms say so, unless that
# is nobody.
@internal
@view
def _base(premiums: uint256, claim_free_refund: bool) -> uint256:
    if claim_free_refund and self._awarded_premiums < premiums:
        return premiums - self._awarded_premiums
    return premiums


# `waiting` is what of all sharings, this one included, was not taken yet.
@internal
def _share(amount: uint256, waiting: uint256, base: uint256):
    word: uint256 = self._word
    shared: uint256 = (word & MASK_127) + amount
    assert shared <= MASK_127, "money: too much"
    self._word = word >> 243 << 243 | base << 127 | shared
    if amount * WORTH_A_WAIT >= waiting:
        self._times = self._settled_at() | block.timestamp << 40


# In a round in which nothing was shared nothing is due that a new one would end.
# So only sharings make rounds, 180 days apart, and there are bits for all of them.
@internal
def _sweep():
    s: Shares = self._load()
    if s.shared != 0 or s.round == 0:
        self._word = (self._word >> 243 << 243) + ROUND
