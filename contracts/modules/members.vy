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
    # 12 bits: at one sweep in 30 days, enough for 300 years. The round in which
    # a refund was last taken, plus 1; 0: never
    refund_round: uint256
    # 128 bits. Cover used; from the first refund on, what was refunded in that
    # round instead: claims are over by then.
    amount: uint256


MASK_32: constant(uint256) = 2**32 - 1
MASK_40: constant(uint256) = 2**40 - 1
AWARDED: constant(uint256) = 1 << 112
OTHER_PAYER: constant(uint256) = 1 << 113
REFERRED: constant(uint256) = 1 << 114
PLEDGED: constant(uint256) = 1 << 115

_records: HashMap[address, uint256]
# deadline of the invitation used << 160 | account, by id
_roster: HashMap[uint256, uint256]
_payers: HashMap[address, address]
_referrers: HashMap[address, address]


@internal
@view
def _load(account: address) -> Record:
    word: uint256 = self._records[account]
    return Record(
        id=word & MASK_32,
        tier=word >> 32 & 255,
        joined_at=word >> 40 & MASK_40,
        open_claim=word >> 80 & MASK_32,
        awarded=word & AWARDED != 0,
        other_payer=word & OTHER_PAYER != 0,
        referred=word & REFERRED != 0,
        pledged=word & PLEDGED != 0,
        refund_round=word >> 116 & 4095,
        amount=word >> 128,
    )


@internal
def _store(account: address, r: Record):
    word: uint256 = (
        r.id
        | r.tier << 32
        | r.joined_at << 40
        | r.open_claim << 80
        | r.refund_round << 116
        | r.amount << 128
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


@internal
@view
def _id(account: address) -> uint256:
    return self._records[account] & MASK_32


@internal
@view
def _at(id: uint256) -> address:
    return convert(self._roster[id] & (2**160 - 1), address)


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
    r: Record = self._load(account)
    assert r.id == 0, "join: already a member"
    assert deadline > r.joined_at, "invitation: already used"
    if payer != account:
        self._payers[account] = payer
    if referrer != empty(address):
        self._referrers[account] = referrer
    self._roster[id] = deadline << 160 | convert(account, uint256)
    self._store(
        account,
        Record(
            id=id,
            tier=tier,
            joined_at=block.timestamp,
            open_claim=0,
            awarded=False,
            other_payer=payer != account,
            referred=referrer != empty(address),
            pledged=False,
            refund_round=0,
            amount=0,
        ),
    )


@internal
def _remove(account: address, id: uint256):
    self._records[account] = (self._roster[id] >> 160) << 40
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
    self._records[old] = (word >> 160) << 40
