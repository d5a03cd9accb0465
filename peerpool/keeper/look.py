"""What a pool says of itself that decides what is due, all as of one block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from peerpool.compiled import CompiledError, compile_contract, part, require_sources
from peerpool.ledger.rebuild import CANCELLED, SETTLED
from peerpool.named import FindError
from peerpool.rpc import Node, RpcRefused, quantity
from peerpool.terms import Terms
from peerpool.units import ZERO_ADDRESS
from peerpool.views import Question, ViewError, ask, ask_all, printable

PAGE = 100  # the most that a lens shows at once
TOGETHER = 10  # pages in a request: members and their refunds cost a node more than claims
STALE = 120  # seconds; an older block says nothing of what is due now
NOWHERE = "0x" + "1e" * 20  # where no contract is
AWARDED, REJECTED, LAPSED = 2, 3, 4  # status of a claim that is concluded


@dataclass
class Kept:
    """A pool under watch. What is remembered of it only saves questions.

    lens_code: of a lens that is not there, but asked as if it were.
    """

    address: str
    lens: str
    terms: Terms
    lens_code: bytes = b""
    over: set[int] = field(default_factory=set)  # claims of which nothing can come any more
    pushed: Any = None  # the summary when nothing was left to be refunded
    donors: tuple[str, ...] | None = None  # once nobody can donate any more

    def forget(self) -> None:
        """Look at all of it anew."""
        self.over, self.pushed, self.donors = set(), None, None

    @property
    def name(self) -> str:
        """As the organiser called it, safe to print."""
        return printable(self.terms.name)

    def ask(self, function: str, *arguments: Any) -> Question:
        """A question to the pool."""
        return Question("Pool", self.address, function, arguments)

    def ask_lens(self, function: str, *arguments: Any) -> Question:
        """A question to the lens about the pool."""
        return Question("PoolLens", self.lens, function, (self.address, *arguments), self.lens_code)


@dataclass(frozen=True)
class Block:
    """A block. `tag` is what views are asked as of; `base_fee` None: the chain has none."""

    tag: str
    number: int
    time: int
    gas_limit: int
    base_fee: int | None


class _Header(msgspec.Struct, rename="camel"):
    number: str
    timestamp: str
    gas_limit: str
    base_fee_per_gas: str | None = None


@dataclass(frozen=True)
class Action:
    """NextAction of IPoolLens.vyi."""

    action: str
    who: str
    argument: int
    since: int
    until: int


@dataclass(frozen=True)
class ClaimNow:
    """A claim that is not over, with what comes next for it."""

    id: int
    row: dict[str, Any]  # ClaimRow of IPoolLens.vyi
    next: Action


@dataclass(frozen=True)
class Seen:
    """A pool as of one block."""

    kept: Kept
    block: Block
    summary: dict[str, Any]
    next: Action
    claims: tuple[ClaimNow, ...]
    undecided: frozenset[int]  # windows that cannot be settled yet, whatever the time
    stray: int

    @property
    def is_over(self) -> bool:
        """Settled or cancelled: refunds are due."""
        return self.summary["phase"] in (CANCELLED, SETTLED)


@dataclass(frozen=True)
class Owed:
    """A refund that is due to the member with this id."""

    id: int
    due: int
    premium: int


def open_pool(node: Node, address: str, lens: str | None, chain_id: int) -> Kept:
    """Ask a pool for its terms.

    lens: its address; None: where none is known, one is asked that is not on the chain, if the node
    can do that. Raises FindError where there is no pool or no lens, RpcError.
    """
    for what, account in (("pool", address), ("lens", lens)):
        if account and node.call("eth_getCode", account, "latest", kind=str) == "0x":
            raise FindError(f"{what}: {account} has no code on chain {chain_id}")
    try:
        terms = ask(node, "latest", Question("Pool", address, "terms"))
        kept = Kept(address, lens or NOWHERE, terms_of(terms), b"" if lens else _lens_code())
        ask(node, "latest", kept.ask("summary"))
    except (RpcRefused, ViewError):
        raise FindError(f"pool: {address} is not a pool of this version") from None
    try:
        ask(node, "latest", kept.ask_lens("next_action"))
    except (RpcRefused, ViewError):
        if lens:
            raise FindError(f"lens: {lens} is not a lens for this pool") from None
        raise FindError(f"lens: none is known on chain {chain_id}; say which with --lens") from None
    return kept


def _lens_code() -> bytes:
    """The lens of this checkout; nothing where this is not one."""
    try:
        require_sources()
    except CompiledError:
        return b""
    return compile_contract(part("lens").path).runtime


def terms_of(answer: dict[str, Any]) -> Terms:
    """Terms of what `terms()` answers."""
    rows = {
        name: [tuple(row.values()) for row in answer[name]] for name in ("tiers", "reinsurance")
    }
    return Terms.from_tuple(tuple((answer | rows).values()))


def latest(node: Node, clock: float) -> Block:
    """The block to look at: the latest or, on a chain that rests, the one to come.

    clock: the time here, in Unix seconds.
    """
    head = node.call("eth_getBlockByNumber", "latest", False, kind=_Header)
    time, tag, fee = quantity(head.timestamp), head.number, head.base_fee_per_gas
    if time + STALE < clock:
        time, tag = int(clock), "pending"
    return Block(
        tag=tag,
        number=quantity(head.number),
        time=time,
        gas_limit=quantity(head.gas_limit),
        base_fee=None if fee is None else quantity(fee),
    )


def look(node: Node, kept: Kept, block: Block) -> Seen:
    """Ask a pool and its lens. Raises RpcError, ViewError."""
    summary, action = ask_all(node, block.tag, [kept.ask("summary"), kept.ask_lens("next_action")])
    rows = list(_claims(node, kept, block, summary["claims"]))
    actions = ask_all(
        node, block.tag, [kept.ask_lens("next_claim_action", row["id"]) for row in rows]
    )
    claims = [
        ClaimNow(row["id"], row, Action(**each)) for row, each in zip(rows, actions, strict=True)
    ]
    if not summary["unpaid"]:  # of awards that were cut nothing but what was rounded is left
        kept.over |= {claim.id for claim in claims if not claim.next.action}
    numbers = {c.next.argument for c in claims if c.next.action == "settle_window"}
    windows = ask_all(node, block.tag, [kept.ask("window", number) for number in numbers])
    return Seen(
        kept=kept,
        block=block,
        summary=summary,
        next=Action(**action),
        claims=tuple(claim for claim in claims if claim.id not in kept.over),
        undecided=frozenset(
            number for number, w in zip(numbers, windows, strict=True) if w["undecided"]
        ),
        stray=_balance(node, kept, block) - summary["funds"] - summary["held"],
    )


def owed(node: Node, seen: Seen) -> Iterator[Owed]:
    """Members to whom a refund is due, by their ids."""
    roster = seen.summary["roster_size"]
    firsts = range(1, roster + 1, PAGE)
    for i in range(0, len(firsts), TOGETHER):
        questions = [seen.kept.ask_lens("members", n, PAGE) for n in firsts[i : i + TOGETHER]]
        rows = (row for page in ask_all(node, seen.block.tag, questions) for row in page)
        for id_, row in enumerate(rows, start=firsts[i]):
            if row["refund_due"]:
                yield Owed(id_, row["refund_due"], row["record"]["premium"])


def _claims(node: Node, kept: Kept, block: Block, count: int) -> Iterator[dict[str, Any]]:
    """Rows of the claims of which something can still come."""
    firsts = [
        first
        for first in range(1, count + 1, PAGE)
        if not kept.over.issuperset(range(first, min(first + PAGE, count + 1)))
    ]
    pages: Sequence[Any] = ask_all(
        node, block.tag, [kept.ask_lens("claims", first, PAGE) for first in firsts]
    )
    for row in (row for page in pages for row in page):
        if _is_over(row["claim"]):
            kept.over.add(row["id"])
        else:
            yield row


def _is_over(claim: dict[str, Any]) -> bool:
    if claim["status"] == AWARDED:
        return claim["paid"] == award_of(claim)
    return claim["status"] in (REJECTED, LAPSED)


def award_of(claim: dict[str, Any]) -> int:
    """Rule 7, in money."""
    return claim["asked"] * claim["award"] // 10


def _balance(node: Node, kept: Kept, block: Block) -> int:
    if kept.terms.asset == ZERO_ADDRESS:
        return quantity(node.call("eth_getBalance", kept.address, block.tag, kind=str))
    token = Question("ReinsuranceLayer", kept.terms.asset, "balanceOf", (kept.address,))
    return ask(node, block.tag, token)
