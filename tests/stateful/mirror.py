"""One pool and its model side by side: every call goes to both, and both must say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from peerpool.terms import Terms
from tests.evm.chain import GAS_LIMIT, Reverted
from tests.evm.contract import Contract
from tests.evm.signing import compact, sign_invitation
from tests.model.errors import ModelError
from tests.model.pool import CANCELLED, RUN_OFF, SETTLED, ZERO, Pool

from . import counts
from .books import Books
from .layer_mirror import LayerMirror
from .world import KEY_OF, World

EVIDENCE = b"\xee" * 32
REASON = b"\x0b" * 32
TAKES_MONEY = {"join", "donate", "recover", "file_claim", "deposit", "mint"}
# what a call may end in when it is given too little gas: it must then have done nothing
OUT_OF_GAS = ("<OutOfGas>", "<intrinsic gas>", "<empty>", "gas: too little for the transfer")


class Mirror:
    """The pool under test (`pool`), the model (`model`), and the books from events (`books`)."""

    def __init__(self, world: World, terms: Terms) -> None:
        self.world = world
        self.terms = terms
        self.pool = world.create_pool(terms, sender=terms.organiser)
        layers = [layer.address for layer in world.layers]
        self.model = Pool(terms, self.pool.address, world.accepts, layers)
        self.model.now = world.chain.time
        self.books = Books(terms)
        self.calls = 0
        self.story: list[str] = []
        self._changes = 0
        self._views: dict[str, tuple[tuple[int, ...], Any]] = {}
        self.gas = GAS_LIMIT  # of the next call; a mean figure may make it fail, never go astray
        self.layers = [
            LayerMirror(self, layer, shares)
            for layer, shares in zip(world.layers, self.model.shares, strict=True)
        ]

    @property
    def now(self) -> int:
        """Return the second in which the next call is made."""
        return self.model.now

    def pass_time(self, until: int) -> None:
        """Move the clock forward to `until`."""
        assert until >= self.now
        self.model.now = self.world.chain.time = until

    def summary(self) -> Any:
        """Return the pool's summary()."""
        return self.once("summary", lambda: self.pool.view("summary"))

    def layer_views(self) -> list[Any]:
        """Return the pool's layer() of each layer, the one that pays first at the front."""
        numbers = range(1, len(self.layers) + 1)
        return self.once("layers", lambda: [self.pool.view("layer", n) for n in numbers])

    def once(self, what: str, ask: Callable[[], Any]) -> Any:
        """Return what `ask` answers, asked again only after something that may have changed it."""
        moment = (self._changes, self.model.phase, self.model.stray)
        if what not in self._views or self._views[what][0] != moment:
            self._views[what] = (moment, ask())
        return self._views[what][1]

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
        more: int = 0,
        forge: str = "",
    ) -> int | None:
        """Join, with `more` Ether than asked.

        `forge` "pool" and "member" sign for another one; "short" uses EIP-2098.
        """
        deadline = self.now if deadline is None else deadline
        signer = signer or self.terms.organiser
        signed_member = self.terms.organiser if forge == "member" else member
        signed_pool = self.terms.organiser if forge == "pool" else self.pool.address
        signature = sign_invitation(KEY_OF[signer], signed_pool, signed_member, tier, deadline)
        if forge == "short":
            signature = compact(signature)
        is_genuine = (signed_member, signed_pool) == (member, self.pool.address)
        if value is None:
            value = self._price(tier) + more if self.terms.asset == ZERO else 0
        return self.both(
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
        self.both("leave", (), lambda: self.model.leave(caller), sender=caller)

    def donate(self, caller: str, amount: int, value: int | None = None) -> None:
        """Donate."""
        value = self.value(amount) if value is None else value
        self.both(
            "donate",
            (amount,),
            lambda: self.model.donate(caller, amount, self.world.payment(caller, value)),
            sender=caller,
            value=value,
        )

    def return_donation(self, donor: str, sender: str) -> None:
        """Return a donation."""
        self.both(
            "return_donation", (donor,), lambda: self.model.return_donation(donor), sender=sender
        )

    def add_stray_money(self, amount: int) -> None:
        """Send money to the pool without a call."""
        self.story.append(f"{self.now} stray {amount}")
        self.world.add_stray_money(self.pool.address, amount)
        self.model.stray += amount

    def absorb(self, sender: str) -> int | None:
        """Absorb stray money."""
        return self.both("absorb", (), self.model.absorb, sender=sender)

    def recover(self, caller: str, claim_id: int, amount: int, value: int | None = None) -> None:
        """Bring money back for a claim."""
        value = self.value(amount) if value is None else value
        self.both(
            "recover",
            (claim_id, amount),
            lambda: self.model.recover(caller, claim_id, amount, self.world.payment(caller, value)),
            sender=caller,
            value=value,
        )

    def bind_reinsurance(self, sender: str) -> None:
        """Cede the layers' premium by hand."""
        self.both("bind_reinsurance", (), self.model.treaty.bind_reinsurance, sender=sender)

    def add_collateral(self, caller: str, number: int, amount: int, value: int) -> None:
        """Pretend to be a layer that took a deposit."""
        self.both(
            "add_collateral",
            (number, amount),
            lambda: self.model.treaty.add_collateral(caller, number, amount),
            sender=caller,
            value=value,
        )

    def redeem_layer(self, caller: str, number: int, amount: int) -> None:
        """Pretend to be a layer that burnt shares."""
        self.both(
            "redeem_layer",
            (number, amount, caller),
            lambda: self.model.treaty.redeem_layer(caller, number),
            sender=caller,
        )

    def absorb_layer(self, number: int, sender: str) -> int | None:
        """Let come in what lies in a layer without shares."""
        return self.both(
            "absorb_layer", (number,), lambda: self.model.treaty.absorb_layer(number), sender=sender
        )

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
        value = self.value(self.terms.claim_bond) if value is None else value
        return self.both(
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
        self.both(
            "vote",
            (claim_id, award, reason),
            lambda: self.model.vote(caller, claim_id, award, reason),
            sender=caller,
        )

    def resolve(self, claim_id: int, sender: str) -> None:
        """Resolve a claim."""
        self.both("resolve", (claim_id,), lambda: self.model.resolve(claim_id), sender=sender)

    def settle_window(self, window: int, sender: str) -> None:
        """Settle a window."""
        self.both(
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

        return self.both("pay_award", (claim_id,), follow, sender=sender)

    def settle(self, sender: str) -> None:
        """Settle."""
        self.both("settle", (), self.model.settle, sender=sender)

    def refund(self, member: str, sender: str) -> int | None:
        """Refund one member."""
        return self.both("refund", (member,), lambda: self.model.refund(member), sender=sender)

    def refund_many(self, first_id: int, count: int, sender: str) -> int | None:
        """Refund a stretch of the roster."""
        return self.both(
            "refund_many",
            (first_id, count),
            lambda: self.model.refund_many(first_id, count),
            sender=sender,
        )

    def sweep(self, sender: str) -> int | None:
        """Sweep."""
        return self.both("sweep", (), self.model.sweep, sender=sender)

    def withdraw(self, caller: str, receiver: str) -> int | None:
        """Withdraw."""
        return self.both(
            "withdraw", (receiver,), lambda: self.model.withdraw(caller, receiver), sender=caller
        )

    # --- how ------------------------------------------------------------------

    def both(
        self,
        function: str,
        args: tuple[Any, ...],
        follow: Callable[[], Any],
        *,
        sender: str,
        value: int = 0,
        layer: Contract | None = None,
    ) -> Any:
        """Call the contract, then the model, and compare; return what both did, None if refused.

        The contract is the pool, or one of its layers.
        """
        self.calls += 1
        gas, self.gas = self.gas, GAS_LIMIT
        contract = layer or self.pool
        name = f"{self._who(layer.address)}.{function}" if layer else function
        self.story.append(f"{self.now} {self._who(sender)}: {name}{self._named(args)} {value}")
        if function in TAKES_MONEY:
            self.world.prepare_payment(sender, contract.address)
        said: Any = None
        events = ()
        refusal = ""
        try:
            result = contract.send(function, *args, sender=sender, value=value, gas=gas)
            said, events = result.value, self.pool.events_of(result.receipt)
            for mirrored in self.layers:
                mirrored.register.read(mirrored.contract.events_of(result.receipt))
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
        assert refusal in forbidden, f"{name}{args}: {refusal!r}, the model: {forbidden}"
        assert said == expected, f"{name}{args}: returned {said}, the model: {expected}"
        if refusal:
            counts.refused[refusal] += 1
        else:
            self._changes += 1
            counts.succeeded[f"layer.{function}" if layer else function] += 1
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
            *self._layers_reached(function, names),
        ):
            if is_so:
                counts.reached[situation] += 1

    def _layers_reached(self, function: str, names: set[str]) -> Iterator[tuple[str, bool]]:
        tower, phase = self.model.tower, self.model.phase
        paid = "LayersDrawn" in names
        wanted = sum(layer.premium * layer.filled // layer.limit for layer in tower.layers)
        yield f"reinsurance was bound by {function}", "PremiumCeded" in names
        yield "cession was capped", "PremiumCeded" in names and self._ceded() < wanted
        yield "layers paid", paid
        yield "several layers have paid", paid and sum(la.drawn > 0 for la in tower.layers) > 1
        yield (
            "a partly filled layer paid",
            paid and any(layer.drawn and layer.filled < layer.limit for layer in tower.layers),
        )
        yield "layers were used up", paid and not tower.capacity
        yield "layers were repaid", "LayersRepaid" in names
        yield "layers were repaid after settling", "LayersRepaid" in names and phase == SETTLED
        yield "shares were redeemed", "LayerRedeemed" in names
        yield "what nobody owned came in", "LayerAbsorbed" in names

    def _ceded(self) -> int:
        return sum(layer.ceded for layer in self.model.tower.layers)

    def _who(self, account: str) -> str:
        """Return a short name for an account, for the story that a failure tells."""
        accounts, layers = self.world.accounts, [layer.address for layer in self.world.layers]
        if account in layers:
            return f"layer{layers.index(account) + 1}"
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

    def value(self, amount: int) -> int:
        """Return the Ether that goes with a payment."""
        return amount if self.terms.asset == ZERO else 0
