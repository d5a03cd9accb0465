"""A pool on the stage: what people do in it, a line each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from brownie import ZERO_ADDRESS, chain

from peerpool import typed_data
from peerpool.terms import Terms
from scripts.core import layer_at

from .assets import Erc20, Ether
from .clock import at, now

EVIDENCE = b"\x01" * 32
REASON = b"\x02" * 32
URI = "ipfs://evidence"


@dataclass
class Stage:
    """A pool with its terms and asset.

    `keeper` sends what anybody may send. `stray` is what a test has let into the pool's balance
    without a call: the check after each test allows for it.
    """

    pool: Any
    terms: Terms
    asset: Ether | Erc20
    organiser: Any
    keeper: Any
    voters: Sequence[Any]
    stray: int = 0

    @property
    def u(self) -> int:
        """One whole Ether or token."""
        return self.asset.unit

    # --- joining

    def sign(
        self,
        member: Any,
        tier: int = 0,
        deadline: int = 0,
        signer: Any = None,
        pool: Any = None,
        chain_id: int = 0,
    ) -> tuple[tuple[str, int, int], bytes]:
        """Return an invitation and its signature; the organiser's, unless said otherwise."""
        deadline = deadline or self.terms.enrolment_end
        message = typed_data.invitation(
            chain_id or chain.id, str(pool or self.pool), str(member), tier, deadline
        )
        signature = typed_data.sign((signer or self.organiser).private_key, message)
        return (str(member), tier, deadline), signature

    def pay(self, sender: Any, amount: int) -> dict[str, Any]:
        """Return the transaction parameters with which the sender pays the pool."""
        return self.asset.pay(self.pool, sender, amount)

    def join(
        self,
        member: Any,
        tier: int = 0,
        payer: Any = None,
        referrer: Any = ZERO_ADDRESS,
        deadline: int = 0,
    ) -> Any:
        """Let a member join by invitation of the organiser, at the price of this second."""
        invitation, signature = self.sign(member, tier, deadline)
        payment = self.pay(payer or member, self.terms.tiers[tier].premium)
        if now() >= self.terms.cover_start:
            at(now())  # the price changes by the second: ask and pay in the same one
            payment = self.pay(payer or member, self.pool.quote_premium(tier))
        return self.pool.join(invitation, signature, referrer, payment)

    # --- reinsurance

    def layer(self, number: int = 1) -> Any:
        """Return the contract of a layer's shares."""
        return layer_at(self.pool.layer(number)["shares"])

    def fill(self, reinsurer: Any, amount: int, number: int = 1) -> Any:
        """Deposit so much in a layer for shares of the payer's own; return the receipt."""
        layer = self.layer(number)
        return layer.deposit(amount, reinsurer, self.asset.pay(layer, reinsurer, amount))

    def drawn(self) -> list[int]:
        """Return what each layer has paid."""
        return [self.pool.layer(i + 1)["drawn"] for i in range(len(self.terms.reinsurance))]

    # --- claims

    def start(self, seconds: int = 0) -> None:
        """Go to the start of cover, or so many seconds later."""
        at(self.terms.cover_start + seconds)

    def claim_args(self, amount: int, incident_at: int | None = None) -> tuple[Any, ...]:
        """Return the arguments of file_claim; the incident is in this second."""
        return amount, now() if incident_at is None else incident_at, EVIDENCE, URI

    def file(self, claimant: Any, asked: int) -> int:
        """File a claim that asks for so much after the deductible; return its id."""
        args = self.claim_args(asked + self.terms.deductible)
        bond = self.terms.claim_bond
        if hasattr(claimant, "execute"):
            return int(
                self.act(claimant, self.pool.file_claim, *args, value=bond).events["ClaimFiled"][
                    "claim_id"
                ]
            )
        return int(
            self.pool.file_claim(*args, self.pay(claimant, bond)).events["ClaimFiled"]["claim_id"]
        )

    def act(self, wallet: Any, method: Any, *args: Any, value: int = 0) -> Any:
        """Let a contract wallet call pool or layer; the keeper brings the Ether for it."""
        data = method.encode_input(*args)
        payment = {"from": self.keeper, "value": value}
        return wallet.execute(method._address, value, data, payment)

    def vote(self, claim_id: int, award: int, voters: Sequence[Any] | None = None) -> None:
        """Cast the same ballot by three voters, which decides, or by those named."""
        for voter in self.voters[:3] if voters is None else voters:
            self.pool.vote(claim_id, award, REASON, {"from": voter})

    def decide(self, claim_id: int, award: int, voters: Sequence[Any] | None = None) -> Any:
        """Vote and resolve; return the receipt of the latter."""
        self.vote(claim_id, award, voters)
        return self.pool.resolve(claim_id, {"from": self.keeper})

    # --- the end

    def after_reporting(self) -> None:
        """Go to the first second in which nothing can be reported any more."""
        at(self.terms.expiry + self.terms.reporting_period)

    def settle(self) -> Any:
        """Go to the end of reporting, if it is not over, and settle."""
        if now() < self.terms.expiry + self.terms.reporting_period:
            self.after_reporting()
        return self.pool.settle({"from": self.keeper})

    def window_end(self, window: int) -> int:
        """Return the first second after a claims window."""
        return self.terms.cover_start + (window + 1) * self.terms.voting_period

    # --- books

    def pots(self) -> tuple[int, int]:
        """Return funds and held."""
        summary = self.pool.summary()
        return summary["funds"], summary["held"]

    def balance(self, account: Any) -> int:
        """Return what an account has of the pool's asset."""
        return self.asset.balance(account)


def only(receipt: Any, name: str) -> dict[str, Any]:
    """Return the one event of that name; fail if there is none or another."""
    events = receipt.events[name] if name in receipt.events else []
    assert len(events) == 1, f"{len(events)} events {name}"
    return dict(events[0])


def names(receipt: Any) -> list[str]:
    """Return the names of a receipt's events of the pool, in order; those of a token left out."""
    return [e.name for e in receipt.events if e.name not in ("Transfer", "Approval")]
