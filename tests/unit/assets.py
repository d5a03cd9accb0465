"""What a pool counts in, so that one test runs on Ether and on tokens."""

from typing import Any

from brownie import ZERO_ADDRESS

UINT256_MAX = 2**256 - 1


class Ether:
    """The asset whose address is zero; whoever pays has enough of it."""

    address = ZERO_ADDRESS
    unit = 10**16  # premiums of some Ether, so that nobody runs out of it

    def balance(self, account: Any) -> int:
        """Return what the account has, in wei."""
        return int(account.balance())

    def pay(self, payee: Any, sender: Any, amount: int) -> dict[str, Any]:
        """Return the transaction parameters with which the sender pays a pool or a layer."""
        return {"from": sender, "value": amount}

    def gas(self, receipt: Any) -> int:
        """Return what the sender of a transaction has paid for gas, in the asset."""
        return int(receipt.gas_used * receipt.gas_price)


class Erc20:
    """A token; whoever pays gets what it takes, and an allowance, the first time."""

    def __init__(self, token: Any, minter: Any) -> None:
        self.token = token
        self.address = token.address
        self.unit = 10 ** token.decimals()
        self._minter = minter

    def balance(self, account: Any) -> int:
        """Return what the account has, in token units."""
        return int(self.token.balanceOf(account))

    def pay(self, payee: Any, sender: Any, amount: int) -> dict[str, Any]:
        """Return the transaction parameters with which the sender pays a pool or a layer."""
        if self.token.balanceOf(sender) < amount:
            self.token.mint(sender, 1_000_000 * self.unit, {"from": self._minter})
        if self.token.allowance(sender, payee) < amount:
            self.token.approve(payee, UINT256_MAX, {"from": sender})
        return {"from": sender}

    def gas(self, receipt: Any) -> int:
        """Return what the sender of a transaction has paid for gas, in the asset."""
        return 0
