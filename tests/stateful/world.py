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
QUIET, STOPPABLE, LYING = "returns nothing", "can be paused", "says false when it fails"
TOKENS = {  # the mock, its decimals, and the function that stops all transfers
    SIX_DECIMALS: ("TokenThatBlocks", 6, ""),
    EIGHTEEN_DECIMALS: ("TokenThatBlocks", 18, ""),
    QUIET: ("TokenThatReturnsNothing", 8, ""),
    STOPPABLE: ("TokenThatPauses", 18, "pause"),
    LYING: ("TokenThatReturnsFalse", 6, "fail"),
}
ASSETS = (ETHER, *TOKENS)

ORGANISER = 1  # people with a key are numbers; tests/evm/signing.py has their addresses
KEY_OF = {address_of(number): number for number in range(1, 16)}
PEOPLE = tuple(KEY_OF)


class World:
    """A chain with a factory, assets and people; `reset` takes it back to the beginning."""

    def __init__(self) -> None:
        self.chain = Chain(START)
        deployer = PEOPLE[0]
        policy = deploy(self.chain, "contracts/PolicyOffice.vy", sender=deployer)
        treaty = deploy(self.chain, "contracts/TreatyOffice.vy", policy.address, sender=deployer)
        office = deploy(self.chain, "contracts/BackOffice.vy", treaty.address, sender=deployer)
        pool = deploy(self.chain, "contracts/Pool.vy", office.address, sender=deployer)
        layer = deploy(self.chain, "contracts/ReinsuranceLayer.vy", sender=deployer)
        self.factory = deploy(
            self.chain, "contracts/PoolFactory.vy", pool.address, layer.address, sender=deployer
        )
        self.gate = deploy(self.chain, "contracts/mocks/Gate.vy", sender=deployer)
        self.wallets = tuple(
            deploy(self.chain, "contracts/mocks/WalletThatRejects.vy", sender=deployer).address
            for _ in range(5)
        )
        self.accounts = PEOPLE + self.wallets
        self._tokens = {
            name: deploy(
                self.chain, f"contracts/mocks/{mock}.vy", name, "T", decimals, sender=deployer
            )
            for name, (mock, decimals, _) in TOKENS.items()
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
        self.token_name = ""
        self.is_stopped = False
        self.refusing: set[str] = set()
        self.without_allowance: set[str] = set()
        self._allowances: dict[tuple[str, str], int] = {}
        self.with_credential: set[str] = set()

    def asset_address(self, asset: str) -> str:
        """Return the address that terms name for one of ASSETS."""
        return ZERO if asset == ETHER else self._tokens[asset].address

    def create_pool(self, terms: Terms, sender: str) -> Contract:
        """Create a pool and its layers by the factory."""
        result = self.factory.send("create_pool", terms.as_tuple(), bytes(32), sender=sender)
        self.pool = Contract(self.chain, "interfaces/IPool.vyi", result.value)
        self.layers = tuple(
            Contract(
                self.chain,
                "interfaces/IReinsuranceLayer.vyi",
                self.pool.view("layer", number).shares,
            )
            for number in range(1, len(terms.reinsurance) + 1)
        )
        for name, token in self._tokens.items():
            if token.address == terms.asset:
                self.token, self.token_name = token, name
        return self.pool

    # --- who can pay and be paid ----------------------------------------------

    def accepts(self, account: str) -> bool:
        """Return whether money sent to the account by the pool, or to the pool by it, arrives."""
        if self.token:
            return not self.is_stopped and not self.refusing & {account, self.pool.address}
        takes_no_ether = {self.pool.address, *(layer.address for layer in self.layers)}
        return account not in self.refusing | takes_no_ether

    def payment(self, account: str, value: int, amount: int = 1) -> Payment:
        """Return what the model is told of a payment of the account with `value` wei along."""
        is_allowed = account not in self.without_allowance
        return Payment(value, self.accepts(account) and is_allowed and amount <= RICH // 2)

    def can_refuse(self) -> tuple[str, ...]:
        """Return the accounts whose money can be made to fail."""
        if not self.token:
            return self.wallets
        if TOKENS[self.token_name][0] != "TokenThatBlocks":
            return ()
        return (*self.accounts, self.pool.address, *(layer.address for layer in self.layers))

    def can_stop(self) -> bool:
        """Return whether the token can be made to fail for all."""
        return bool(self.token) and bool(TOKENS[self.token_name][2])

    def set_stopped(self, stopped: bool) -> None:
        """Let every transfer of the token fail, or none."""
        assert self.token
        self.token.send(TOKENS[self.token_name][2], stopped, sender=PEOPLE[0])
        self.is_stopped = stopped

    def set_refusing(self, account: str, refuses: bool) -> None:
        """Block the account in the token; for Ether make the wallet reject."""
        if self.token:
            self.token.send("block", account, refuses, sender=PEOPLE[0])
        else:
            self._wallet(account).send("reject", refuses, sender=PEOPLE[0])
        (self.refusing.add if refuses else self.refusing.discard)(account)

    def set_allowance(self, account: str, allowed: bool) -> None:
        """Let the pool and its layers take the account's tokens, or not."""
        if self.token:
            (self.without_allowance.discard if allowed else self.without_allowance.add)(account)

    def prepare_payment(self, account: str, taker: str) -> None:
        """Let the taker have the account's tokens, or not, just before it may ask for them."""
        amount = 0 if account in self.without_allowance else 2**256 - 1
        if self.token and self._allowances.get((account, taker), 0) != amount:
            self.token.send("approve", taker, amount, sender=account)
            self._allowances[account, taker] = amount

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

    def add_stray_money(self, account: str, amount: int) -> None:
        """Put money into the pool, or one of its layers, behind its back."""
        if self.token:
            self.token.send("mint", account, amount, sender=PEOPLE[0])
        else:
            self.chain.give(account, amount)

    def _wallet(self, address: str) -> Contract:
        return Contract(self.chain, "contracts/mocks/WalletThatRejects.vy", address)


@cache
def world() -> World:
    """Return this process's world; whoever takes it resets it first."""
    return World()
