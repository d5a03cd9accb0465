"""One pool and its model side by side: every call goes to both, and both must say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peerpool.terms import Terms
from tests.evm.chain import GAS_LIMIT, Reverted
from tests.evm.contract import Contract
from tests.model.core import ZERO, Payment
from tests.model.errors import ModelError
from tests.model.pool import Pool

from . import counts, situations
from .books import Books
from .claim_calls import ClaimCalls
from .layer_mirror import LayerMirror
from .money_calls import MoneyCalls
from .pledge_calls import PledgeCalls
from .seen import Seen
from .wallet_calls import WalletCalls
from .world import World

TAKES_MONEY = {"join", "donate", "recover", "file_claim", "file_claim_for", "deposit", "mint"}
STINGY = "gas: too little for the transfer"


class Mirror(MoneyCalls, ClaimCalls, PledgeCalls, WalletCalls):
    """The pool under test (`pool`), the model (`model`), and the books from events (`books`)."""

    def __init__(self, world: World, terms: Terms) -> None:
        self.world = world
        self.terms = terms
        self.pool, layers = world.create_pool(terms)
        self.model = Pool(terms, self.pool.address, self, [layer.address for layer in layers])
        self.model.now = world.chain.time
        self.books = Books(terms)
        self.seen = Seen()
        self.calls = 0
        self.story: list[str] = []
        self.gas = GAS_LIMIT  # of the next call; a mean figure may make it fail, never go astray
        self.layers = [
            LayerMirror(self, layer, shares)
            for layer, shares in zip(layers, self.model.shares, strict=True)
        ]
        self._changes = 0
        self._views: dict[str, tuple[tuple[int, ...], Any]] = {}
        self._given_away: dict[str, int] = {}
        world.mirrors.append(self)

    @property
    def now(self) -> int:
        """Return the second in which the next call is made."""
        return self.model.now

    def pass_time(self, until: int) -> None:
        """Move the clock of all pools forward to `until`."""
        assert until >= self.now
        self.world.chain.time = until
        for mirror in self.world.mirrors:
            mirror.model.now = until

    # --- what the model cannot know -------------------------------------------

    def accepts(self, account: str) -> bool:
        """Return whether a payment of the pool to the account arrives."""
        return self.world.accepts(account, self.pool.address)

    def takes(self, account: str) -> bool:
        """Return whether it does with all the gas there is."""
        return self.world.takes(account, self.pool.address)

    def arriving(self, amount: int) -> int:
        """Return what arrives of a payment."""
        return self.world.arriving(amount)

    def gate_refusal(self, account: str) -> str:
        """Return in what words the gate keeps an account out."""
        return self.world.gate_refusal(account)

    def payment(
        self, account: str, value: int, amount: int = 1, allowed: int | None = None
    ) -> Payment:
        """Return what the model is told of a payment of the account."""
        return self.world.payment(account, self.pool.address, value, amount, allowed)

    def value(self, amount: int) -> int:
        """Return the Ether that goes with a payment."""
        return amount if self.terms.asset == ZERO else 0

    # --- looks ------------------------------------------------------------------

    def summary(self) -> Any:
        """Return the pool's summary()."""
        return self.once("summary", lambda: self.pool.view("summary"))

    def balance(self) -> int:
        """Return what the pool has of its asset."""
        return self.once("balance", lambda: self.world.balance(self.pool.address))

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

    def refusal(self, function: str, *args: Any, sender: str) -> str:
        """Return why a call would be refused now, nothing if it would not."""
        try:
            self.pool.view(function, *args, sender=sender)
        except Reverted as error:
            return error.reason
        return ""

    # --- calls ------------------------------------------------------------------

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

        The contract is the pool, or one of its layers. What a policy, or shares, may lie on, but
        calls nobody (the contracts of the pools) pays nothing.
        """
        if function in TAKES_MONEY and sender in self.world.contracts:
            return None
        self.calls += 1
        gas, self.gas = self.gas, GAS_LIMIT
        contract = layer or self.pool
        counted = f"layer.{function}" if layer else function
        name = f"{self.who(layer.address)}.{function}" if layer else function
        call = f"{self.who(sender)}: {name}{self._named(args)} {value}"
        self.tell(call)
        if function in TAKES_MONEY:
            self.world.prepare_payment(sender, contract.address)
        # a layer that takes or passes on a token does so while the pool is not at work
        is_at_work = not layer or function in ("redeem", "withdraw")
        self.world.disarm(self.pool.address if is_at_work else "")
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
        called_back = self.world.sprung()
        if gas < GAS_LIMIT and refusal:
            # In whatever words: whoever the pool calls may be the one who ran out of it, and the
            # 64th part that was left does to say that they failed. It must have done nothing.
            counts.call(counted, refusal if refusal == STINGY else "given too little gas")
            return None
        expected: Any = None
        forbidden: tuple[str, ...] = ("",)
        try:
            expected = follow()
        except ModelError as error:
            forbidden = error.reasons
        assert refusal in forbidden, f"{call}: {refusal!r}, the model: {forbidden}"
        assert said == expected, f"{call}: returned {said}, the model: {expected}"
        if refusal:
            counts.call(counted, refusal)
            return said
        self._changes += 1
        counts.call(counted)
        self.books.read(events, self.now)
        self._pass_on()
        situations.note(self.model, function, events, called_back)
        return said

    def _pass_on(self) -> None:
        """Tell the other pools what this one sent to them: it strayed in."""
        for other in self.world.mirrors:
            for contract in (other.model, *other.model.shares) if other is not self else ():
                given = self.model.received[contract.address]
                contract.stray += given - self._given_away.get(contract.address, 0)
                self._given_away[contract.address] = given

    # --- the story that a failure tells -----------------------------------------

    def tell(self, what: str) -> None:
        """Add a line to it."""
        self.story.append(f"{self.now} {what}")

    def who(self, account: str) -> str:
        """Return a short name for an account."""
        layers = [layer.contract.address for layer in self.layers]
        if account in layers:
            return f"layer{layers.index(account) + 1}"
        if account == self.pool.address:
            return "pool"
        accounts = self.world.accounts
        return f"#{accounts.index(account)}" if account in accounts else account

    def _named(self, value: Any) -> Any:
        if isinstance(value, (tuple, list)):
            return tuple(self._named(item) for item in value)
        if isinstance(value, bytes):
            return f"{len(value)} bytes"
        return self.who(value) if isinstance(value, str) else value
