"""What keeping may cost: limits on gas or Ether, and what gas costs now."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from peerpool.errors import PeerpoolError
from peerpool.keeper.look import Block
from peerpool.rpc import Node, RpcRefused, quantity
from peerpool.units import ETHER, ZERO_ADDRESS, Asset, format_amount, parse_amount

GAS = Asset(ZERO_ADDRESS, "gas", 0)
GWEI = Asset(ZERO_ADDRESS, "gwei", 9)
TIP = 10**9  # wei; where the node does not say


class PurseError(PeerpoolError):
    """Money that must not be spent: `budget: problem`."""


class TooDear(PurseError):
    """Gas that must not be paid for: `gas price: problem`."""


@dataclass(frozen=True)
class Limit:
    """The most to be spent: of gas, or of Ether in wei."""

    amount: int
    asset: Asset

    def __str__(self) -> str:
        return format_amount(self.amount, self.asset)


@dataclass(frozen=True)
class Price:
    """What is offered for gas: fields of a transaction, what a unit costs now, and at most."""

    fields: dict[str, int]
    now: int
    most: int


@dataclass
class Purse:
    """What may be spent, and what was."""

    per_pass: Limit | None = None
    in_all: Limit | None = None
    gas: int = 0
    wei: int = 0
    _begun: tuple[int, int] = field(default=(0, 0))

    def begin_pass(self) -> None:
        """Count for the pass anew."""
        self._begun = (self.gas, self.wei)

    def spend(self, gas: int, wei: int) -> None:
        """Book a transaction that was mined."""
        self.gas += gas
        self.wei += wei

    def refuse(self, gas: int, price: int) -> None:
        """Raise PurseError if so much gas at this price is above a limit."""
        for limit, spent_gas, spent_wei in self._limits():
            spent, more = (spent_gas, gas) if limit.asset == GAS else (spent_wei, gas * price)
            if spent + more > limit.amount:
                what = "pass" if limit is self.per_pass else "run"
                needed = format_amount(more, limit.asset)
                raise PurseError(
                    f"budget: up to {needed} needed,"
                    f" {format_amount(limit.amount - spent, limit.asset)} left of {limit} a {what}"
                )

    def _limits(self) -> Iterator[tuple[Limit, int, int]]:
        if self.per_pass:
            yield self.per_pass, self.gas - self._begun[0], self.wei - self._begun[1]
        if self.in_all:
            yield self.in_all, self.gas, self.wei


def parse_limit(text: str) -> Limit:
    """Return the limit of "2000000 gas" or "0.01 ETH". Raises UnitError("amount: ...")."""
    asset = GAS if text.rstrip().endswith(GAS.symbol) else ETHER
    return Limit(parse_amount(text, asset), asset)


def price(node: Node, block: Block, ceiling: int | None) -> Price:
    """What to offer for gas: twice the base fee at most, so that it is mined soon.

    Raises TooDear if gas costs more than `ceiling` wei now, RpcError.
    """
    if block.base_fee is None:
        now = quantity(node.call("eth_gasPrice", kind=str))
        found = Price({"gasPrice": now}, now, now)
    else:
        tip, base = _tip(node), block.base_fee
        now, most = base + tip, 2 * base + tip
        most = max(now, min(most, ceiling)) if ceiling is not None else most
        found = Price({"maxFeePerGas": most, "maxPriorityFeePerGas": tip}, now, most)
    if ceiling is not None and now > ceiling:
        raise TooDear(
            f"gas price: {format_amount(now, GWEI)}, above {format_amount(ceiling, GWEI)}"
        )
    return found


def _tip(node: Node) -> int:
    try:
        return quantity(node.call("eth_maxPriorityFeePerGas", kind=str))
    except RpcRefused:  # the method is not of the first standard
        return TIP
