"""One pool and its model side by side: every call goes to both, and both must say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peerpool.terms import Terms
from tests.evm.chain import GAS_LIMIT, Reverted
from tests.evm.signing import compact, sign_invitation
from tests.model.errors import ModelError
from tests.model.pool import CANCELLED, RUN_OFF, ZERO, Pool

from . import counts
from .books import Books
from .world import KEY_OF, World

EVIDENCE = b"\xee" * 32
REASON = b"\x0b" * 32
# what a call may end in when it is given too little gas: it must then have done nothing
OUT_OF_GAS = ("<OutOfGas>", "<intrinsic gas>", "<empty>", "gas: too little for the transfer")


class Mirror:
    """The pool under test (`pool`), the model (`model`), and the books from events (`books`)."""

    def __init__(self, world: World, terms: Terms) -> None:
        self.world = world
        self.terms = terms
        self.pool = world.create_pool(terms, sender=terms.organiser)
        self.model = Pool(terms, self.pool.address, world.accepts)
        self.model.now = world.chain.time
        self.books = Books(terms)
        self.calls = 0
        self.story: list[str] = []
        self._summary: tuple[tuple[int, ...], Any] | None = None
        self.gas = GAS_LIMIT  # of the next call; a mean figure may make it fail, never go astray

    @property
    def now(self) -> int:
        """Return the second in which the next call is made."""
        return self.model.now

    def pass_time(self, until: int) -> None:
        """Move the clock forward to `until`."""
        assert until >= self.now
        self.model.now = self.world.chain.time = until

    def summary(self) -> Any:
        """Return the pool's summary(), asked once for all that is checked after a step."""
        moment = (self.calls, self.now, self.model.stray)
        if self._summary is None or self._summary[0] != moment:
            self._summary = (moment, self.pool.view("summary"))
        return self._summary[1]

    # --- the calls, named as in IPool.vyi -------------------------------------

    def join(
        self,
        caller: str,
        member: str,
        *,
        tier: int = 0,
        deadline: int | None = None,
        signer: str | None = None,
        referrer: str = ZERO,
        value: int | None = None,
        forge: str = "",
    ) -> int | None:
        """Join. `forge` "pool" and "member" sign for another one; "short" uses EIP-2098."""
        deadline = self.now if deadline is None else deadline
        signer = signer or self.terms.organiser
        signed_member = self.terms.organiser if forge == "member" else member
        signed_pool = self.terms.organiser if forge == "pool" else self.pool.address
        signature = sign_invitation(KEY_OF[signer], signed_pool, signed_member, tier, deadline)
        if forge == "short":
            signature = compact(signature)
        is_genuine = (signed_member, signed_pool) == (member, self.pool.address)
        if value is None:
            value = self._price(tier) if self.terms.asset == ZERO else 0
        return self._both(
            "join",
            ((member, tier, deadline), signature, referrer),
            lambda: self.model.join(
                caller,
                member,
                tier,
                deadline,
                signer if is_genuine else None,
                referrer,
                member in self.world.with_credential,
                self.world.payment(caller, value),
            ),
            sender=caller,
            value=value,
        )

    def leave(self, caller: str) -> None:
        """Leave."""
        self._both("leave", (), lambda: self.model.leave(caller), sender=caller)

    def donate(self, caller: str, amount: int, value: int | None = None) -> None:
        """Donate."""
        value = self._value(amount) if value is None else value
        self._both(
            "donate",
            (amount,),
            lambda: self.model.donate(caller, amount, self.world.payment(caller, value)),
            sender=caller,
            value=value,
        )

    def return_donation(self, donor: str, sender: str) -> None:
        """Return a donation."""
        self._both(
            "return_donation", (donor,), lambda: self.model.return_donation(donor), sender=sender
        )

    def add_stray_money(self, amount: int) -> None:
        """Send money to the pool without a call."""
        self.story.append(f"{self.now} stray {amount}")
        self.world.add_stray_money(amount)
        self.model.stray += amount

    def absorb(self, sender: str) -> int | None:
        """Absorb stray money."""
        return self._both("absorb", (), self.model.absorb, sender=sender)

    def file_claim(
        self,
        caller: str,
        amount: int,
        incident_at: int,
        *,
        evidence: bytes = EVIDENCE,
        value: int | None = None,
    ) -> int | None:
        """File a claim."""
        value = self._value(self.terms.claim_bond) if value is None else value
        return self._both(
            "file_claim",
            (amount, incident_at, evidence, "ipfs://loss"),
            lambda: self.model.file_claim(
                caller, amount, incident_at, evidence, self.world.payment(caller, value)
            ),
            sender=caller,
            value=value,
        )

    def vote(self, caller: str, claim_id: int, award: int, reason: bytes = REASON) -> None:
        """Vote."""
        self._both(
            "vote",
            (claim_id, award, reason),
            lambda: self.model.vote(caller, claim_id, award, reason),
            sender=caller,
        )

    def resolve(self, claim_id: int, sender: str) -> None:
        """Resolve a claim."""
        self._both("resolve", (claim_id,), lambda: self.model.resolve(claim_id), sender=sender)

    def settle_window(self, window: int, sender: str) -> None:
        """Settle a window."""
        self._both(
            "settle_window", (window,), lambda: self.model.settle_window(window), sender=sender
        )

    def pay_award(self, claim_id: int, sender: str) -> int | None:
        """Pay an award. How much a cut award gets is the contract's to say, within dust."""
        announced: int | None = None
        if 0 < claim_id <= len(self.model.claims):
            announced = self.pool.view("award_due", claim_id)

        def follow() -> int:
            self.model.pay_award(claim_id, announced or 0)
            return announced or 0

        return self._both("pay_award", (claim_id,), follow, sender=sender)

    def settle(self, sender: str) -> None:
        """Settle."""
        self._both("settle", (), self.model.settle, sender=sender)

    def refund(self, member: str, sender: str) -> int | None:
        """Refund one member."""
        return self._both("refund", (member,), lambda: self.model.refund(member), sender=sender)

    def refund_many(self, first_id: int, count: int, sender: str) -> int | None:
        """Refund a stretch of the roster."""
        return self._both(
            "refund_many",
            (first_id, count),
            lambda: self.model.refund_many(first_id, count),
            sender=sender,
        )

    def sweep(self, sender: str) -> int | None:
        """Sweep."""
        return self._both("sweep", (), self.model.sweep, sender=sender)

    def withdraw(self, caller: str, receiver: str) -> int | None:
        """Withdraw."""
        return self._both(
            "withdraw", (receiver,), lambda: self.model.withdraw(caller, receiver), sender=caller
        )

    # --- how ------------------------------------------------------------------

    def _both(
        self,
        function: str,
        args: tuple[Any, ...],
        follow: Callable[[], Any],
        *,
        sender: str,
        value: int = 0,
    ) -> Any:
        """Call the contract, then the model, and compare; return what both did, None if refused."""
        self.calls += 1
        gas, self.gas = self.gas, GAS_LIMIT
        self.story.append(f"{self.now} {self._who(sender)}: {function}{self._named(args)} {value}")
        said: Any = None
        events = ()
        refusal = ""
        try:
            result = self.pool.send(function, *args, sender=sender, value=value, gas=gas)
            said, events = result.value, result.events
        except Reverted as error:
            refusal = error.reason
        if gas < GAS_LIMIT and refusal in OUT_OF_GAS:
            counts.refused[f"{function}: given too little gas"] += 1
            return None
        expected: Any = None
        forbidden: tuple[str, ...] = ("",)
        try:
            expected = follow()
        except ModelError as error:
            forbidden = error.reasons
        assert refusal in forbidden, f"{function}{args}: {refusal!r}, the model: {forbidden}"
        assert said == expected, f"{function}{args}: returned {said}, the model: {expected}"
        if refusal:
            counts.refused[refusal] += 1
        else:
            counts.succeeded[function] += 1
            self.books.read(events, self.now)
            self._note(function, events)
        return said

    def _note(self, function: str, events: tuple[Any, ...]) -> None:
        names = {event.name for event in events}
        model = self.model
        for situation, is_so in (
            ("something became a credit", "Credited" in names),
            ("an award was cut", any(c.cut for c in model.claims)),
            ("an award waited", "ClaimResolved" in names and "AwardPaid" not in names),
            ("unpaid awards were made up", "MadeUp" in names),
            ("a pool was cancelled", model.phase == CANCELLED),
            ("a pool was in run-off", model.phase == RUN_OFF),
            ("surplus was shared", "Shared" in names),
            ("surplus was shared after settling", "Shared" in names and function != "settle"),
        ):
            if is_so:
                counts.reached[situation] += 1

    def _who(self, account: str) -> str:
        """Return a short name for an account, for the story that a failure tells."""
        accounts = self.world.accounts
        return f"#{accounts.index(account)}" if account in accounts else account

    def _named(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._named(item) for item in value)
        if isinstance(value, bytes):
            return f"{len(value)} bytes"
        return self._who(value) if isinstance(value, str) else value

    def _price(self, tier: int) -> int:
        try:
            return self.model.quote_premium(tier)
        except ModelError:
            return self.terms.tiers[0].premium

    def _value(self, amount: int) -> int:
        return amount if self.terms.asset == ZERO else 0
