"""Everything around a pool: assets, people and their wallets, and who of them can be paid."""

from __future__ import annotations

from functools import cache

from peerpool.terms import Terms
from tests.evm.chain import Chain
from tests.evm.contract import Contract, deploy
from tests.evm.signing import address_of
from tests.model.pool import ZERO, Payment

START = 1_800_000_000
RICH = 2**160
ETHER, SIX_DECIMALS, EIGHTEEN_DECIMALS = "ether", "token with 6 decimals", "token with 18 decimals"
ASSETS = (ETHER, SIX_DECIMALS, EIGHTEEN_DECIMALS)

ORGANISER = 1  # people with a key are numbers; tests/evm/signing.py has their addresses
KEY_OF = {address_of(number): number for number in range(1, 16)}
PEOPLE = tuple(KEY_OF)


class World:
    """A chain with a factory, assets and people; `reset` takes it back to the beginning."""

    def __init__(self) -> None:
        self.chain = Chain(START)
        deployer = PEOPLE[0]
        policy = deploy(self.chain, "contracts/PolicyOffice.vy", sender=deployer)
        office = deploy(self.chain, "contracts/BackOffice.vy", policy.address, sender=deployer)
        pool = deploy(self.chain, "contracts/Pool.vy", office.address, sender=deployer)
        self.factory = deploy(self.chain, "contracts/PoolFactory.vy", pool.address, sender=deployer)
        self.gate = deploy(self.chain, "contracts/mocks/Gate.vy", sender=deployer)
        self.wallets = tuple(
            deploy(self.chain, "contracts/mocks/WalletThatRejects.vy", sender=deployer).address
            for _ in range(5)
        )
        self.accounts = PEOPLE + self.wallets
        self._tokens = {
            name: deploy(
                self.chain, "contracts/mocks/TokenThatBlocks.vy", name, "T", n, sender=deployer
            )
            for name, n in ((SIX_DECIMALS, 6), (EIGHTEEN_DECIMALS, 18))
        }
        for account in self.accounts:
            self.chain.give(account, RICH)
            for token in self._tokens.values():
                token.send("mint", account, RICH, sender=deployer)
        for wallet in self.wallets:
            self._wallet(wallet).send("reject", False, sender=deployer)
        self._begin = self.chain.snapshot()
        self.reset()

    def reset(self) -> None:
        """Forget all pools, and who refuses money."""
        self.chain.revert(self._begin)
        self.token: Contract | None = None
        self.refusing: set[str] = set()
        self.without_allowance: set[str] = set()
        self.with_credential: set[str] = set()

    def asset_address(self, asset: str) -> str:
        """Return the address that terms name for one of ASSETS."""
        return ZERO if asset == ETHER else self._tokens[asset].address

    def create_pool(self, terms: Terms, sender: str) -> Contract:
        """Create a pool by the factory, and let every account's tokens be taken by it."""
        result = self.factory.send("create_pool", terms.as_tuple(), bytes(32), sender=sender)
        self.pool = Contract(self.chain, "interfaces/IPool.vyi", result.value)
        self.token = next((t for t in self._tokens.values() if t.address == terms.asset), None)
        if self.token:
            for account in self.accounts:
                self.token.send("approve", self.pool.address, 2**256 - 1, sender=account)
        return self.pool

    # --- who can pay and be paid ----------------------------------------------

    def accepts(self, account: str) -> bool:
        """Return whether money sent to the account would arrive."""
        if self.token:
            return not self.refusing & {account, self.pool.address}
        return account not in self.refusing and account != self.pool.address

    def payment(self, account: str, value: int) -> Payment:
        """Return what the model is told of a payment of the account with `value` wei along."""
        blocked = self.refusing & {account, self.pool.address}
        return Payment(value, account not in self.without_allowance and not blocked)

    def can_refuse(self) -> tuple[str, ...]:
        """Return the accounts whose money can be made to fail."""
        return (*self.accounts, self.pool.address) if self.token else self.wallets

    def set_refusing(self, account: str, refuses: bool) -> None:
        """Block the account in the token; for Ether make the wallet reject."""
        if self.token:
            self.token.send("block", account, refuses, sender=PEOPLE[0])
        else:
            self._wallet(account).send("reject", refuses, sender=PEOPLE[0])
        (self.refusing.add if refuses else self.refusing.discard)(account)

    def set_allowance(self, account: str, allowed: bool) -> None:
        """Let the pool take the account's tokens, or not."""
        if self.token:
            amount = 2**256 - 1 if allowed else 0
            self.token.send("approve", self.pool.address, amount, sender=account)
            (self.without_allowance.discard if allowed else self.without_allowance.add)(account)

    def set_credential(self, account: str, has: bool) -> None:
        """Give or take what the gate asks for."""
        self.gate.send("give" if has else "take", account, sender=PEOPLE[0])
        (self.with_credential.add if has else self.with_credential.discard)(account)

    # --- money ------------------------------------------------------------------

    def balance(self, account: str) -> int:
        """Return what the account has of the pool's asset."""
        if self.token:
            return self.token.view("balanceOf", account)
        return self.chain.balance(account)

    def add_stray_money(self, amount: int) -> None:
        """Put money into the pool behind its back."""
        if self.token:
            self.token.send("mint", self.pool.address, amount, sender=PEOPLE[0])
        else:
            self.chain.give(self.pool.address, amount)

    def _wallet(self, address: str) -> Contract:
        return Contract(self.chain, "contracts/mocks/WalletThatRejects.vy", address)


@cache
def world() -> World:
    """Return this process's world; whoever takes it resets it first."""
    return World()
