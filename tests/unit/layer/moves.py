"""What a receipt says of a layer's shares."""

from typing import Any


def moves(receipt: Any, layer: Any, name: str = "Transfer") -> list[dict[str, Any]]:
    """Return the layer's own events of that name; a token's are left out."""
    return [dict(e[0]) for e in receipt.events if (e.name, e.address) == (name, layer.address)]
