"""What a pool, its layers and its lens say, as of one block."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peerpool import chain, reinsurance
from peerpool.keeper.look import AWARDED, ClaimNow, Kept, Seen, latest, look
from peerpool.reinsurance import Tower
from peerpool.rpc import Node, quantity
from peerpool.terms import Terms
from peerpool.units import Asset
from peerpool.views import ask_all, web3_of


@dataclass(frozen=True)
class Snapshot:
    """A pool as of one block."""

    chain_id: int
    asset: Asset
    seen: Seen
    tower: Tower
    quote: Mapping[str, Any]  # Quote of IPoolLens.vyi

    @property
    def terms(self) -> Terms:
        """Of the pool."""
        return self.seen.kept.terms

    @property
    def time(self) -> int:
        """Of the block."""
        return self.seen.block.time

    @property
    def reporting_end(self) -> int:
        """From here on no claim is taken any more."""
        return self.terms.expiry + self.terms.reporting_period

    @property
    def open_claims(self) -> list[ClaimNow]:
        """Claims that are not concluded."""
        return [claim for claim in self.seen.claims if claim.row["claim"]["status"] != AWARDED]

    @property
    def waiting(self) -> list[ClaimNow]:
        """Claims whose award waits for its window, or was cut."""
        return [claim for claim in self.seen.claims if claim.row["claim"]["status"] == AWARDED]


def read(node: Node, kept: Kept, clock: float) -> Snapshot:
    """Read a pool. clock: the time here, in seconds. Raises RpcError, ViewError, ChainError."""
    seen = look(node, kept, latest(node, clock))
    numbers = range(1, len(kept.terms.reinsurance) + 1)
    questions = [kept.ask("layer", number) for number in numbers]
    quote, *layers = ask_all(node, seen.block.tag, [kept.ask_lens("quote_settlement"), *questions])
    asset = chain.read_asset(web3_of(node), kept.terms.asset)
    return Snapshot(
        chain_id=quantity(node.call("eth_chainId", kind=str)),
        asset=asset,
        seen=seen,
        tower=reinsurance.build(kept.address, kept.terms, asset, seen.summary, layers),
        quote=quote,
    )
