# pragma version 0.4.3
"""
@title The roster
@license MIT
@author Peerpool contributors
@notice One word a member, one word a place in the roster. What a member paid is
        not stored: it follows from tier and joined_at.
"""


struct Record:
    id: uint256  # 32 bits; 0: not a member
    tier: uint256  # 8 bits
    joined_at: uint256  # 40 bits; of one who left: deadline it last used
    open_claim: uint256  # 32 bits; 0: none
    awarded: bool  # anything above zero, ever
    other_payer: bool  # _payers has who paid
    referred: bool  # _referrers has by whom
    pledged: bool  # has ever pledged the cover
    # 12 bits: at one sweep in 180 days, enough for 2,000 years. The round in which
    # a refund was last taken, plus 1; 0: never
    refund_round: uint256
    # 128 bits. Cover used; from the first refund on, what was refunded in that
    # round instead: claims are over by then.
    amount: uint256


MASK_8: constant(uint256) = 2**8 - 1
MASK_12: constant(uint256) = 2**12 - 1
MASK_32: constant(uint256) = 2**32 - 1
MASK_40: constant(uint256) = 2**40 - 1
# Where fields begin
TIER: constant(uint256) = 32
JOINED_AT: constant(uint256) = 40
REFUND_ROUND: constant(uint256) = 116
AMOUNT: constant(uint256) = 128
AWARDED: constant(uint256) = 1 << 112
OTHER_PAYER: constant(uint256) = 1 << 113
REFERRED: constant(uint256) = 1 << 114
PLEDGED: constant(uint256) = 1 << 115
BEFORE_REFUND_ROUND: constant(uint256) = 2**116 - 1

_records: HashMap[address, uint256]
_payers: HashMap[address, address]
_referrers: HashMap[address, address]
# deadline of the invitation used << 160 | account, by id
_roster: uint256[2**32]


@internal
@view
def _load(account: address) -> Record:
    word: uint256 = self._records[account]
    return Record(
        id=word & MASK_32,
        tier=word >> TIER & MASK_8,
        joined_at=word >> JOINED_AT & MASK_40,
        open_claim=word >> 80 & MASK_32,
        awarded=word & AWARDED != 0,
        other_payer=word & OTHER_PAYER != 0,
        referred=word & REFERRED != 0,
        pledged=word & PLEDGED != 0,
        refund_round=word >> REFUND_ROUND & MASK_12,
        amount=word >> AMOUNT,
    )


@internal
def _store(account: address, r: Record):
    word: uint256 = (
        r.id
        | r.tier << TIER
        | r.joined_at << JOINED_AT
        | r.open_claim << 80
        | r.refund_round << REFUND_ROUND
        | r.amount << AMOUNT
    )
    if r.awarded:
        word |= AWARDED
    if r.other_payer:
        word |= OTHER_PAYER
    if r.referred:
        word |= REFERRED
    if r.pledged:
        word |= PLEDGED
    self._records[account] = word


# For refunds, which do without the struct.
@internal
@view
def _word(account: address) -> uint256:
    return self._records[account]


@internal
def _book_refund(account: address, word: uint256, round: uint256, sum: uint256):
    self._records[account] = (
        word & BEFORE_REFUND_ROUND | round << REFUND_ROUND | sum << AMOUNT
    )


@internal
@view
def _id(account: address) -> uint256:
    return self._records[account] & MASK_32


@internal
@view
def _at(id: uint256) -> address:
    return convert(self._roster[id] & (2**160 - 1), address)


# For a number from outside, which may be beyond every roster.
@internal
@view
def _find(id: uint256) -> address:
    if id > MASK_32:
        return empty(address)
    return self._at(id)


@internal
@view
def _payer(account: address, r: Record) -> address:
    if r.other_payer:
        return self._payers[account]
    return account


@internal
@view
def _referrer(account: address, r: Record) -> address:
    if r.referred:
        return self._referrers[account]
    return empty(address)


@internal
def _add(
    id: uint256,
    account: address,
    tier: uint256,
    deadline: uint256,
    payer: address,
    referrer: address,
):
    old: uint256 = self._records[account]
    assert old & MASK_32 == 0, "join: already a member"
    assert deadline > old >> JOINED_AT & MASK_40, "invitation: already used"
    word: uint256 = id | tier << TIER | block.timestamp << JOINED_AT
    if payer != account:
        word |= OTHER_PAYER
        self._payers[account] = payer
    if referrer != empty(address):
        word |= REFERRED
        self._referrers[account] = referrer
    self._roster[id] = deadline << 160 | convert(account, uint256)
    self._records[account] = word


@internal
def _remove(account: address, id: uint256):
    self._records[account] = (self._roster[id] >> 160) << JOINED_AT
    self._roster[id] = 0


# The member goes on under another account, which is not a member.
@internal
def _move(old: address, to: address):
    r: Record = self._load(old)
    word: uint256 = self._roster[r.id]
    used: uint256 = max(word >> 160, self._load(to).joined_at)
    self._roster[r.id] = used << 160 | convert(to, uint256)
    if r.other_payer:
        self._payers[to] = self._payers[old]
    if r.referred:
        self._referrers[to] = self._referrers[old]
    self._records[to] = self._records[old]
    self._records[old] = (word >> 160) << JOINED_AT
