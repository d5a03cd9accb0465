# pragma version 0.4.3
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Peerpool: wallets, their ballots, and the policy as a token
@license MIT
@author Peerpool contributors
@notice The fourth part of a pool's code; see interfaces/IPool.vyi.
@dev Runs by delegatecall from TreatyOffice.vy, on the pool's storage and with its
     terms. Called directly it has neither.
"""

from interfaces import IPool
from contracts.modules import awards
from contracts.modules import ballots
from contracts.modules import claims
from contracts.modules import currency
from contracts.modules import earnings
from contracts.modules import income
from contracts.modules import layers
from contracts.modules import liabilities
from contracts.modules import lifecycle
from contracts.modules import members
from contracts.modules import pledges
from contracts.modules import refunds
from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import totals
from contracts.modules import typed_data
from contracts.modules import voting
from contracts.modules import waterfall
from contracts.modules import windows

# The order is the storage layout, and the same in all four parts; what only this
# part keeps comes after a gap.
initializes: claims
initializes: currency
initializes: earnings
initializes: liabilities
initializes: surplus
initializes: totals
initializes: layers[liabilities := liabilities]
initializes: windows[liabilities := liabilities]
initializes: pledges[currency := currency, members := members]
initializes: members
initializes: ballots
initializes: voting[ballots := ballots, claims := claims, members := members]
# fmt: off (mamushi puts a comma here that it cannot read)
initializes: waterfall[
    currency := currency, liabilities := liabilities, windows := windows
]
initializes: awards[
    claims := claims, currency := currency, liabilities := liabilities,
    members := members, pledges := pledges, surplus := surplus,
    waterfall := waterfall, windows := windows
]
initializes: lifecycle[surplus := surplus, totals := totals]
initializes: refunds[
    currency := currency, earnings := earnings, lifecycle := lifecycle,
    members := members, surplus := surplus, totals := totals
]
initializes: income[
    currency := currency, surplus := surplus, totals := totals,
    waterfall := waterfall
]
# fmt: on
MAX_SIGNATURE: constant(uint256) = typed_data.MAX_SIGNATURE
# Long enough to notice, and to object, on a holiday.
OBJECTION_PERIOD: constant(uint256) = 30 * 24 * 60 * 60
MAX_SIGNATURES: constant(uint256) = 256


struct Recovery:
    new: address
    ready_at: uint256


# Apart from the slot of the treaty office's own.
_gap: uint256
# By account, for good: how often it moved its policy or objected to a recovery.
_nonces: HashMap[address, uint256]
# By roster id
_recoveries: HashMap[uint256, Recovery]
# By digest of what is supported: who has, a bitmap by roster id; and how many.
_supporters: HashMap[bytes32, HashMap[uint256, uint256]]
_support: HashMap[bytes32, uint256]


# --- joining and leaving ----------------------------------------------------


# Not locked here: join is.
@external
@reentrant
def join_with_permit(
    invitation: IPool.Invitation,
    signature: Bytes[MAX_SIGNATURE],
    referrer: address,
    permit: IPool.Permit,
) -> uint256:
    # Who saw the permit could have used it already: then the allowance is there.
    permitted: bool = raw_call(
        terms_code._schedule().asset,
        abi_encode(
            msg.sender,
            self,
            permit,
            method_id=method_id(
                "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
            ),
        ),
        revert_on_failure=False,
    )
    return convert(
        raw_call(
            self,
            abi_encode(
                invitation,
                signature,
                referrer,
                method_id=method_id(
                    "join((address,uint8,uint256),bytes,address)"
                ),
            ),
            max_outsize=32,
            is_delegate_call=True,
        ),
        uint256,
    )


@external
def leave():
    s: terms_code.Schedule = terms_code._schedule()
    r: members.Record = members._load(msg.sender)
    assert r.id != 0, "leave: not a member"
    assert block.timestamp < s.cover_start, "leave: cover has started"
    premium: uint256 = terms_code._tier_premium(r.tier)
    payer: address = members._payer(msg.sender, r)

    t: totals.Totals = totals._load()
    t.members -= 1
    t.premiums -= premium
    totals._store(t)
    refunds._take_back(msg.sender, r, premium)
    members._remove(msg.sender, r.id)
    log IPool.Transfer(
        sender=msg.sender, receiver=empty(address), token_id=r.id
    )
    log IPool.Left(member=msg.sender, id=r.id, payer=payer, premium=premium)
    currency._pay(s.asset, payer, premium)


# --- wallets ----------------------------------------------------------------


@external
def change_wallet(new: address):
    self._change_wallet(msg.sender, new)


@internal
def _change_wallet(old: address, new: address):
    self._check_new_wallet(old, new)
    credit: uint256 = currency._credits[old]
    currency._credits[old] = 0
    currency._credits[new] += credit
    self._move(old, new, credit)


@internal
def _move(old: address, new: address, credit: uint256):
    id: uint256 = members._id(old)
    self._nonces[old] += 1
    self._recoveries[id] = empty(Recovery)
    members._move(old, new)
    log IPool.WalletChanged(id=id, old=old, new=new, credit=credit)
    log IPool.Transfer(sender=old, receiver=new, token_id=id)


@internal
@view
def _check_new_wallet(old: address, new: address):
    assert members._id(old) != 0, "wallet: not a member"
    assert new != empty(address), "wallet: new one is the zero address"
    assert members._id(new) == 0, "wallet: new one is a member"
    # Or the arbiter could file, move away, and rule; or be made a party.
    arbiter: address = terms_code._cover().arbiter
    assert old != arbiter and new != arbiter, "wallet: is the arbiter's"
    lifecycle._check_gate(terms_code._enrolment().gate, new)


@external
def change_wallet_for(
    old: address,
    new: address,
    deadline: uint256,
    old_signature: Bytes[MAX_SIGNATURE],
    new_signature: Bytes[MAX_SIGNATURE],
):
    assert block.timestamp <= deadline, "wallet: signatures expired"
    digest: bytes32 = typed_data._wallet_change(
        old, new, self._nonces[old], deadline
    )
    assert typed_data._signed(old, digest, old_signature), (
        "wallet: not signed by the old one"
    )
    assert typed_data._signed(new, digest, new_signature), (
        "wallet: not signed by the new one"
    )
    self._change_wallet(old, new)


@external
def support_recovery(
    old: address,
    new: address,
    signatures: DynArray[IPool.CompactSignature, MAX_SIGNATURES],
) -> uint256:
    lost: uint256 = members._id(old)
    assert lost != 0, "wallet: not a member"
    # Who leaves before, with everything back, supports nothing.
    assert block.timestamp >= terms_code._schedule().cover_start, (
        "recovery: cover has not started"
    )
    digest: bytes32 = self._recovery(old, new)
    support: uint256 = self._support[digest]
    for s: IPool.CompactSignature in signatures:
        id: uint256 = members._id(
            typed_data._recover_compact(digest, s.r, s.vs)
        )
        bit: uint256 = 1 << (id & 255)
        word: uint256 = self._supporters[digest][id >> 8]
        if id == 0 or id == lost or word & bit != 0:
            continue
        self._supporters[digest][id >> 8] = word | bit
        support += 1
    self._support[digest] = support
    log IPool.RecoverySupported(old=old, new=new, supporters=support)
    return support


# The nonce makes support void once the wallet changed or objected.
@internal
@view
def _recovery(old: address, new: address) -> bytes32:
    return typed_data._wallet_recovery(old, new, self._nonces[old])


@external
def begin_recovery(old: address, new: address):
    self._check_new_wallet(old, new)
    assert msg.sender == terms_code._enrolment().organiser, (
        "recovery: caller is not the organiser"
    )
    others: uint256 = totals._load().members - 1
    assert self._support[self._recovery(old, new)] * 2 > others, (
        "recovery: not half of the members support it"
    )
    until: uint256 = block.timestamp + OBJECTION_PERIOD
    self._recoveries[members._id(old)] = Recovery(new=new, ready_at=until)
    log IPool.RecoveryBegun(old=old, new=new, until=until)


@external
def object_to_recovery():
    id: uint256 = members._id(msg.sender)
    assert id != 0, "wallet: not a member"
    self._nonces[msg.sender] += 1
    self._recoveries[id] = empty(Recovery)
    log IPool.RecoveryObjected(old=msg.sender)


@external
def finish_recovery(old: address):
    id: uint256 = members._id(old)
    assert id != 0, "wallet: not a member"
    recovery: Recovery = self._recoveries[id]
    assert recovery.ready_at != 0, "recovery: none has begun"
    assert block.timestamp >= recovery.ready_at, (
        "recovery: can still be objected to"
    )
    self._check_new_wallet(old, recovery.new)
    # The credit stays: who was made a member unasked could not object.
    self._move(old, recovery.new, 0)


@view
@external
def wallet_nonce(account: address) -> uint256:
    return self._nonces[account]


# --- ballots of wallets ---------------------------------------------------------


@external
def cast_ballot_for(
    claim_id: uint256,
    voter: address,
    award: uint8,
    reason: bytes32,
    signature: Bytes[MAX_SIGNATURE],
):
    # Here too: no wallet is asked for nothing.
    claim: uint256 = voting._check(claim_id, award, reason)
    digest: bytes32 = typed_data._ballot(claim_id, award, reason, self)
    # A key first: an EIP-7702 account has both code and a key.
    if typed_data._recover(digest, signature) != voter:
        assert voter.is_contract or len(signature) <= 65, (
            "ballot: wallet is not deployed"
        )
        assert typed_data._wallet_signed(voter, digest, signature), (
            "ballot: not signed by the voter"
        )
    voting._cast(claim_id, award, reason, voter)


# --- the policy as a token --------------------------------------------------


@view
@external
def name() -> String[32]:
    return terms_code._all().name


@view
@external
def symbol() -> String[8]:
    return "POLICY"


@view
@external
def tokenURI(token_id: uint256) -> String[544]:
    owner: address = self._owner(token_id)
    t: IPool.Terms = terms_code._all()
    r: members.Record = members._load(owner)
    return concat(
        'data:application/json;utf8,{"name":"',
        t.name,
        " policy ",
        uint2str(token_id),
        '","attributes":[{"trait_type":"tier","value":',
        uint2str(r.tier),
        '},{"trait_type":"cover limit","value":"',
        uint2str(t.tiers[r.tier].cover_limit),
        '"},{"trait_type":"expiry","display_type":"date","value":',
        uint2str(t.expiry),
        "}]}",
    )


@internal
@view
def _owner(token_id: uint256) -> address:
    owner: address = members._find(token_id)
    assert owner != empty(address), "policy: no such policy"
    return owner


@view
@external
def balanceOf(owner: address) -> uint256:
    assert owner != empty(address), "policy: owner is the zero address"
    return convert(members._id(owner) != 0, uint256)


@view
@external
def ownerOf(token_id: uint256) -> address:
    return self._owner(token_id)


@view
@external
def getApproved(token_id: uint256) -> address:
    owner: address = self._owner(token_id)
    return empty(address)


@view
@external
def isApprovedForAll(owner: address, operator: address) -> bool:
    return False


@external
def approve(to: address, token_id: uint256):
    raise "policy: cannot be moved"


@external
def setApprovalForAll(operator: address, approved: bool):
    raise "policy: cannot be moved"


@external
def transferFrom(sender: address, receiver: address, token_id: uint256):
    raise "policy: cannot be moved"


@external
def safeTransferFrom(
    sender: address,
    receiver: address,
    token_id: uint256,
    data: Bytes[1024] = b"",
):
    raise "policy: cannot be moved"


@view
@external
def locked(token_id: uint256) -> bool:
    owner: address = self._owner(token_id)
    return True


@view
@external
def supportsInterface(interface_id: bytes4) -> bool:
    return (
        interface_id == 0x01ffc9a7  # ERC-165
        or interface_id == 0x80ac58cd  # ERC-721
        or interface_id == 0x5b5e139f  # its metadata
        or interface_id == 0xb45a3c0e  # ERC-5192
    )


@view
@external
def eip712Domain() -> (
    bytes1,
    String[8],
    String[1],
    uint256,
    address,
    bytes32,
    DynArray[uint256, 1],
):
    # Fields 0 to 3: name, version, chain id, contract
    return 0x0f, "Peerpool", "1", chain.id, self, empty(bytes32), []
