"""A group of any size in one pool, for measuring: what its members send, in Ether or a token."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from brownie import accounts, web3
from eth_account import Account
from eth_keys import keys
from eth_utils import keccak, to_checksum_address

from peerpool import abi, chain, typed_data
from peerpool.deployment import Journal
from peerpool.terms import Terms, Tier
from peerpool.units import DAY, YEAR, ZERO_ADDRESS
from scripts.core import Core
from scripts.deploy import create_pool_once
from scripts.gas_abi import Interface
from scripts.gas_chain import (
    TRANSACTION_GAS,
    Transaction,
    chunks,
    give_ether,
    rpc,
    rpc_many,
    send,
    send_all,
    transaction,
    used,
)
from scripts.gas_solidity import Batcher

EVIDENCE = keccak(text="evidence")
REASON = keccak(text="reason")
URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
KEEPER = to_checksum_address(keccak(text="keeper")[12:])
UNIT = 10**6
PREMIUM = 90 * UNIT
BOND = 10 * UNIT
DEDUCTIBLE = 20 * UNIT
ALL = 10  # tenths
SMALL = 150  # groups in which everybody joins with a transaction of their own
NO_REASON = b"\0" * 32


class Group:
    """A pool and those who are going to be its members; `token` is None for Ether.

    `creation` is the gas that the pool has cost. Members pay for themselves, and have money
    before and after, as people do.
    """

    def __init__(self, core: Core, size: int, token: Any | None, **changes: Any) -> None:
        self.token = token
        self.organiser = Account.from_key(keccak(text="organiser"))
        self.keys = people(size)
        self.members = list(self.keys)
        self.terms = terms(token.address if token else ZERO_ADDRESS, self.organiser, **changes)
        salt = keccak(text=f"group {web3.eth.block_number}")
        created = create_pool_once(core, self.terms, accounts[0], salt, Journal())
        self.address = created.address
        self.created_by = created.mined.transaction
        self.creation = used(rpc("eth_getTransactionReceipt", self.created_by))
        self.pool = Interface(abi.load("Pool"))
        self._give_money([*self.members, KEEPER])

    def call(self, sender: str, function: str, *arguments: Any, value: int = 0) -> Transaction:
        """A transaction of anybody; `value` is what is paid in, in either asset."""
        data = self.pool.data(function, *arguments)
        return transaction(sender, self.address, data, 0 if self.token else value)

    def join(self, member: str, referrer: str = ZERO_ADDRESS) -> Transaction:
        """A member joins and pays, invited by the organiser."""
        deadline = self.terms.cover_start
        message = typed_data.invitation(web3.eth.chain_id, self.address, member, 0, deadline)
        signature = typed_data.compact(typed_data.sign(self.organiser.key, message))
        return self.call(member, "join", (member, 0, deadline), signature, referrer, value=PREMIUM)

    def file(self, claimant: str) -> Transaction:
        """A claim for half of a premium, of a loss when cover began."""
        amount = DEDUCTIBLE + PREMIUM // 2
        incident_at = self.terms.cover_start
        return self.call(claimant, "file_claim", amount, incident_at, EVIDENCE, URI, value=BOND)

    def vote(self, voter: str, claim_id: int) -> Transaction:
        """A ballot for all of a claim."""
        return self.call(voter, "vote", claim_id, ALL, NO_REASON)

    def signed_batch(self, claim_id: int, voters: Sequence[str]) -> Transaction:
        """The same ballot by many, who only signed it, brought in by anybody."""
        message = typed_data.ballot(web3.eth.chain_id, self.address, claim_id, ALL, NO_REASON)
        digest, pairs = typed_data.digest(message), []
        for voter in voters:
            signature = self.keys[voter].sign_msg_hash(digest)
            pairs.append((signature.r, signature.v << 255 | signature.s))
        made = self.call(KEEPER, "cast_ballots", claim_id, ALL, NO_REASON, pairs)
        return made | {"gas": hex(TRANSACTION_GAS)}

    def by_id(self) -> list[str]:
        """The members in the order of their ids, from 1."""
        data = [self.pool.data("member_at", i + 1) for i in range(len(self.members))]
        calls = [({"to": self.address, "data": each}, "latest") for each in data]
        return [to_checksum_address("0x" + answer[-40:]) for answer in rpc_many("eth_call", calls)]

    def ballots(self, claim_id: int) -> int:
        """How many ballots of that kind a claim has by now."""
        return self.pool.read(self.address, "tally", claim_id)[ALL]

    def quorum(self) -> int:
        """How many ballots a claim needs."""
        return max(1, -(-(len(self.members) - 1) * self.terms.quorum_bps // 10_000))

    def all_join(self, members: Sequence[str]) -> None:
        """They join, in large groups many in a transaction, paid for by somebody else."""
        if len(members) <= SMALL:
            send_all([self.join(member) for member in members])
            return
        batcher = Batcher()
        if self.token:
            self._give_token([batcher.address])
        value = 0 if self.token else PREMIUM
        for some in chunks(members, 100):
            calls = [self.join(member)["data"] for member in some]
            send(batcher.made(KEEPER, self.address, calls, value))

    def all_vote(self, claim_id: int, voters: Sequence[str]) -> None:
        """They vote for all of a claim, with signatures."""
        for some in chunks(voters, 200):
            send(self.signed_batch(claim_id, some))

    def _give_money(self, owners: Sequence[str]) -> None:
        give_ether(owners)
        if self.token:
            # In a large group, those who do something that is measured, and KEEPER.
            self._give_token([*owners[:SMALL], *owners[SMALL:][-2:]])

    def _give_token(self, owners: Sequence[str]) -> None:
        token, approve = self.token, self.token.approve.encode_input(self.address, 2**256 - 1)
        mint = [(each, token.mint.encode_input(each, 10**6 * UNIT)) for each in owners]
        send_all([transaction(each, token.address, data) for each, data in mint])
        send_all([transaction(each, token.address, approve) for each in owners])


@cache
def people(size: int) -> dict[str, Any]:
    """Private keys by address, the same each time."""
    made = [keys.PrivateKey(keccak(text=f"member {i} of {size}")) for i in range(size)]
    return {key.public_key.to_checksum_address(): key for key in made}


def terms(asset: str, organiser: Any, **changes: Any) -> Terms:
    """Terms that start in a week, without fee and commission."""
    start = chain.now(web3) + 7 * DAY
    values = {
        "asset": asset,
        "cover_start": start,
        "enrolment_end": start + 30 * DAY,
        "expiry": start + YEAR,
        "min_members": 2,
        "reporting_period": 30 * DAY,
        "voting_period": 7 * DAY,
        "waiting_period": 0,
        "deductible": DEDUCTIBLE,
        "claim_bond": BOND,
        "quorum_bps": 1000,
        "approval_bps": 5000,
        "silent_consent_limit": 0,
        "arbiter": ZERO_ADDRESS,
        "appeal_period": 0,
        "ruling_period": 0,
        "claim_free_refund": False,
        "organiser": organiser.address,
        "gate": ZERO_ADDRESS,
        "members_may_invite": False,
        "fee_bps": 0,
        "commission_bps": 0,
        "max_members": 10_000,
        "cause": ZERO_ADDRESS,
        "cause_bps": 0,
        "unclaimed_after": 0,
        "desk": ZERO_ADDRESS,
        "reinsurer": ZERO_ADDRESS,
        "max_cession_bps": 0,
        "wording_hash": keccak(text="wording"),
        "name": "Bicycle cover",
        "tiers": (Tier(PREMIUM, 600 * UNIT), Tier(2 * PREMIUM, 1500 * UNIT)),
        "reinsurance": (),
    }
    return Terms(**(values | changes))
