"""Who has given to a pool: only its events tell, and a cancelled pool owes it back to them."""

from peerpool.audit.history import History
from peerpool.rpc import Node

DONATED = "Donated"


def donors(node: Node, pool: str) -> tuple[str, ...]:
    """Return everybody who has ever donated, in their order.

    Nothing is proved here: the pool itself says what is due to each. Raises LogsError, RpcError.
    """
    with History.open(node, pool, to="latest", prove=False) as history:
        given = [event.args["donor"] for event in history if event.name == DONATED]
    return tuple(dict.fromkeys(given))
