"""A chain with a factory and people, and the steps of a pool's life in one line each.

People are numbers (see tests/evm/signing.py); person 1 is the organiser. `Arena.audit` checks rules
1, 11 and 14 of docs/design.md, by the pool's views and balances only.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from peerpool.terms import Terms, Tier, check
from tests.evm.chain import Chain, Reverted
from tests.evm.contract import Contract, Result, deploy
from tests.evm.signing import address_of, sign_invitation

START = 1_800_000_000
HOUR, DAY, YEAR = 3600, 86_400, 31_557_600
ZERO = "0x" + "00" * 20
WORDS = b"\x11" * 32
ORGANISER = address_of(1)
OUTSIDER = address_of(99)
CAUSE = "0x" + "ca" * 20
IPOOL = "interfaces/IPool.vyi"

TERMS = Terms(
    asset=ZERO,
    cover_start=START + DAY,
    enrolment_end=START + DAY,
    expiry=START + 31 * DAY,
    min_members=1,
    reporting_period=DAY,
    voting_period=3 * DAY,
    waiting_period=0,
    deductible=0,
    claim_bond=0,
    quorum_bps=5000,
    approval_bps=5000,
    silent_consent_limit=0,
    arbiter=ZERO,
    appeal_period=0,
    ruling_period=0,
    claim_free_refund=False,
    organiser=ORGANISER,
    gate=ZERO,
    members_may_invite=False,
    fee_bps=0,
    commission_bps=0,
    max_members=100,
    cause=ZERO,
    cause_bps=0,
    unclaimed_after=0,
    desk=ZERO,
    reinsurer=ZERO,
    max_cession_bps=0,
    wording_hash=WORDS,
    name="Attacked",
    tiers=(Tier(1000, 5000),),
    reinsurance=(),
)
WITH_CAUSE = {"cause": CAUSE, "unclaimed_after": 180 * DAY}


class Arena:
    """The chain, the factory, and the pool under attack."""

    def __init__(self) -> None:
        self.chain = Chain(START)
        self.policy_office = deploy(self.chain, "contracts/PolicyOffice.vy", sender=ORGANISER)
        self.treaty_office = deploy(
            self.chain, "contracts/TreatyOffice.vy", self.policy_office.address, sender=ORGANISER
        )
        self.office = deploy(
            self.chain, "contracts/BackOffice.vy", self.treaty_office.address, sender=ORGANISER
        )
        self.implementation = deploy(
            self.chain, "contracts/Pool.vy", self.office.address, sender=ORGANISER
        )
        self.layer_implementation = deploy(
            self.chain, "contracts/ReinsuranceLayer.vy", sender=ORGANISER
        )
        self.factory = deploy(
            self.chain,
            "contracts/PoolFactory.vy",
            self.implementation.address,
            self.layer_implementation.address,
            sender=ORGANISER,
        )
        self._begin = self.chain.snapshot()
        self.reset()

    def reset(self) -> None:
        """Forget everything but the factory."""
        self.chain.revert(self._begin)
        self.token: Contract | None = None
        self.terms = TERMS

    def mock(self, name: str, *args: Any) -> Contract:
        """Deploy a mock by name, from here or from contracts/mocks."""
        return deploy(self.chain, f"contracts/mocks/{name}.vy", *args, sender=ORGANISER)

    def use_token(self, name: str = "Token") -> Contract:
        """Deploy the token that later pools take."""
        self.token = self.mock(name, "Money", "MON", 6)
        return self.token

    def create(self, **changes: Any) -> Contract:
        """Create the pool: TERMS with changes."""
        asset = self.token.address if self.token else ZERO
        self.terms = replace(TERMS, **{"asset": asset, **changes})
        check(self.terms, self.chain.time)
        self.pool = self.clone(bytes(32))
        return self.pool

    def clone(self, salt: bytes) -> Contract:
        """Create another pool of the same terms."""
        made = self.factory.send("create_pool", self.terms.as_tuple(), salt, sender=ORGANISER)
        return Contract(self.chain, IPOOL, made.value)

    # --- steps ------------------------------------------------------------------

    def fund(self, account: str, amount: int, to: str | None = None) -> int:
        """Give an account money for one payment, to the pool or another contract.

        Return the value to send along.
        """
        if not self.token:
            self.chain.give(account, amount)
            return amount
        self.token.send("mint", account, amount, sender=account)
        self.token.send("approve", to or self.pool.address, amount, sender=account)
        return 0

    def invite(
        self, member: str, tier: int = 0, deadline: int | None = None, signer: int = 1
    ) -> tuple[tuple[str, int, int], bytes]:
        """Return an invitation and its signature."""
        deadline = self.chain.time + 10 if deadline is None else deadline
        signature = sign_invitation(signer, self.pool.address, member, tier, deadline)
        return (member, tier, deadline), signature

    def join(
        self,
        member: int | str,
        tier: int = 0,
        payer: str | None = None,
        referrer: str = ZERO,
        deadline: int | None = None,
        signer: int = 1,
    ) -> str:
        """Make a member; return its address."""
        account = address_of(member) if isinstance(member, int) else member
        value = self.fund(payer or account, self.pool.view("quote_premium", tier))
        invitation = self.invite(account, tier, deadline, signer)
        self.pool.send("join", *invitation, referrer, sender=payer or account, value=value)
        return account

    def donate(self, amount: int, donor: str = OUTSIDER) -> Result:
        """Donate."""
        value = self.fund(donor, amount)
        return self.pool.send("donate", amount, sender=donor, value=value)

    def file(self, claimant: str, amount: int, incident_at: int | None = None) -> int:
        """File a claim for a loss of now (or of the last covered second); return its id."""
        value = self.fund(claimant, self.terms.claim_bond)
        when = min(self.chain.time, self.terms.expiry - 1) if incident_at is None else incident_at
        filed = self.pool.send("file_claim", amount, when, WORDS, "", sender=claimant, value=value)
        return filed.value

    def vote(self, claim_id: int, voters: list[str], award: int = 10) -> None:
        """Cast the same ballot for some."""
        for voter in voters:
            self.pool.send("vote", claim_id, award, WORDS, sender=voter)

    def award(self, claimant: str, amount: int, voters: list[str], award: int = 10) -> int:
        """File, vote and resolve; return the claim's id."""
        claim_id = self.file(claimant, amount)
        self.vote(claim_id, [v for v in voters if v != claimant], award)
        self.by_anyone("resolve", claim_id)
        return claim_id

    def by_anyone(self, function: str, *args: Any) -> Result:
        """Call as an outsider."""
        return self.pool.send(function, *args, sender=OUTSIDER)

    def refusal(self, function: str, *args: Any) -> str:
        """Call as an outsider; return why it was refused, nothing if it was not."""
        try:
            self.by_anyone(function, *args)
        except Reverted as failure:
            return failure.reason
        return ""

    def stray(self, amount: int) -> None:
        """Put money into the pool behind its back."""
        if self.token:
            self.token.send("mint", self.pool.address, amount, sender=OUTSIDER)
        else:
            self.chain.give(self.pool.address, amount)

    # --- clock ------------------------------------------------------------------

    def at(self, moment: int) -> None:
        """Go to a second."""
        assert moment >= self.chain.time
        self.chain.time = moment

    def start(self) -> None:
        """Go to cover_start."""
        self.at(self.terms.cover_start)

    def window_end(self, window: int) -> int:
        """Return the first second after a claims window."""
        return self.terms.cover_start + (window + 1) * self.terms.voting_period

    def reporting_end(self) -> None:
        """Go to the end of reporting."""
        self.at(self.terms.expiry + self.terms.reporting_period)

    # --- looks ------------------------------------------------------------------

    def balance(self, account: str) -> int:
        """Return what an account has of the pool's asset."""
        if self.token:
            return self.token.view("balanceOf", account)
        return self.chain.balance(account)

    def summary(self) -> Any:
        """Return the pool's summary."""
        return self.pool.view("summary")

    def due(self, *accounts: str) -> list[int]:
        """Return refunds due."""
        return [self.pool.view("refund_due", account) for account in accounts]

    def audit(self) -> None:
        """Rules 1 and 14: everything that can be pulled now is there, pot by pot."""
        summary = self.summary()
        pool = self.pool
        assert self.balance(pool.address) >= summary.funds + summary.held
        members = [pool.view("member_at", i + 1) for i in range(summary.roster_size)]
        assert sum(self.due(*(m for m in members if m != ZERO))) <= summary.funds
        claims = [pool.view("claim", i + 1) for i in range(summary.claims)]
        awards = sum(
            pool.view("award_due", i + 1)
            for i, claim in enumerate(claims)
            if pool.view("window", claim.window).settled
        )
        bonds = sum(claim.status == 1 for claim in claims) * self.terms.claim_bond
        assert awards + bonds <= summary.held
        assert not (summary.unpaid and summary.funds)


@cache
def arena() -> Arena:
    """Return this process's arena; the fixture resets it."""
    return Arena()
