"""Everything around pools: assets, people and their wallets, and who of them can be paid."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from peerpool.terms import Terms
from tests.attacks.test_dispatch import calldata
from tests.evm.chain import Chain
from tests.evm.contract import Contract, deploy
from tests.evm.signing import address_of
from tests.model.core import ZERO, Payment

if TYPE_CHECKING:
    from .mirror import Mirror

START = 1_800_000_000
RICH = 2**160
ETHER, SIX_DECIMALS, EIGHTEEN_DECIMALS = "ether", "token with 6 decimals", "token with 18 decimals"
QUIET, STOPPABLE, LYING = "returns nothing", "can be paused", "says false when it fails"
PERMITTING, CHARGING, CALLING = "takes permits", "keeps a fee", "calls back"
TOKENS = {  # the mock, its decimals, and the function that stops all transfers
    SIX_DECIMALS: ("TokenThatBlocks", 6, ""),
    EIGHTEEN_DECIMALS: ("TokenThatBlocks", 18, ""),
    QUIET: ("TokenThatReturnsNothing", 8, ""),
    STOPPABLE: ("TokenThatPauses", 18, "pause"),
    LYING: ("TokenThatReturnsFalse", 6, "fail"),
    PERMITTING: ("TokenWithPermit", 18, ""),
    CHARGING: ("TokenThatTakesAFee", 6, ""),
    CALLING: ("TokenThatReenters", 18, ""),
}
ASSETS = (ETHER, *TOKENS)
FEE_PART = 100  # the charging token keeps one unit in so many

ORGANISER = 1  # people with a key are numbers; tests/evm/signing.py has their addresses
KEY_OF = {address_of(number): number for number in range(1, 16)}
PEOPLE = tuple(KEY_OF)
NEVER_SET = -1  # an allowance of which nothing is known
ARMED, REFUSED = 1, 2  # outcomes of contracts/mocks/Ambush.vy
STATELESS = ("terms",)  # a view that reads no state is not locked


class World:
    """A chain with a factory, assets and people; `reset` takes it back to the beginning."""

    def __init__(self) -> None:
        self.chain = Chain(START)
        policy = self._deploy("contracts/PolicyOffice.vy")
        treaty = self._deploy("contracts/TreatyOffice.vy", policy.address)
        office = self._deploy("contracts/BackOffice.vy", treaty.address)
        pool = self._deploy("contracts/Pool.vy", office.address)
        layer = self._deploy("contracts/ReinsuranceLayer.vy")
        self.factory = self._deploy("contracts/PoolFactory.vy", pool.address, layer.address)
        self.gate = self._mock("GateThatBreaks")
        self.desk = self._mock("GuaranteeDesk")
        self.loan = self._mock("Loan").address
        self.wallets = tuple(self._mock("WalletThatRejects").address for _ in range(5))
        # who takes no Ether within the gas of a payment, whatever anybody does
        self.burner = self._mock("WalletThatBurnsGas").address
        self.bomber = self._mock("WalletThatReturnsABomb").address
        self.spender = self._mock("WalletThatSpends").address
        self.caller = self._mock("WalletThatReenters")
        self.signer = self._mock("WalletThatSigns", PEOPLE[0]).address
        self.hostile = (self.burner, self.bomber, self.spender, self.caller.address)
        self.accounts = (*PEOPLE, self.loan, self.signer, *self.hostile, *self.wallets)
        self._tokens = {
            name: self._mock(mock, name, "T", decimals)
            for name, (mock, decimals, _) in TOKENS.items()
        }
        for account in self.accounts:
            self.chain.give(account, RICH)
            for token in self._tokens.values():
                token.send("mint", account, RICH, sender=PEOPLE[0])
        for wallet in self.wallets:
            self._wallet(wallet).send("reject", False, sender=PEOPLE[0])
        self._begin = self.chain.snapshot()
        self.reset()

    def _deploy(self, path: str, *args: str | int) -> Contract:
        return deploy(self.chain, path, *args, sender=PEOPLE[0])

    def _mock(self, name: str, *args: str | int) -> Contract:
        return self._deploy(f"contracts/mocks/{name}.vy", *args)

    def reset(self) -> None:
        """Forget all pools, and who refuses money."""
        self.chain.revert(self._begin)
        self.token: Contract | None = None
        self.token_name = ETHER
        self.is_stopped = False
        self.refusing: set[str] = set()
        self.without_allowance: set[str] = set()
        self._allowances: dict[tuple[str, str], int] = {}
        self.with_credential: set[str] = set()
        self.is_gate_broken = False
        self.loans: set[str] = set()
        self.in_default: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.permits: defaultdict[str, int] = defaultdict(int)
        self.mirrors: list[Mirror] = []
        self.contracts: set[str] = set()
        self._ambush = self._ambushed = ""

    def asset_address(self, asset: str) -> str:
        """Return the address that terms name for one of ASSETS."""
        return ZERO if asset == ETHER else self._tokens[asset].address

    def create_pool(self, terms: Terms) -> tuple[Contract, tuple[Contract, ...]]:
        """Create a pool and its layers by the factory; pools of the same terms are told apart."""
        salt = len(self.contracts).to_bytes(32, "big")
        result = self.factory.send("create_pool", terms.as_tuple(), salt, sender=PEOPLE[0])
        pool = Contract(self.chain, "interfaces/IPool.vyi", result.value)
        numbers = range(1, len(terms.reinsurance) + 1)
        addresses = [pool.view("layer", number).shares for number in numbers]
        path = "interfaces/IReinsuranceLayer.vyi"
        layers = tuple(Contract(self.chain, path, address) for address in addresses)
        self.contracts |= {pool.address, *addresses}
        for name, token in self._tokens.items():
            if token.address == terms.asset:
                self.token, self.token_name = token, name
        return pool, layers

    # --- who can pay and be paid ----------------------------------------------

    def accepts(self, account: str, pool: str) -> bool:
        """Return whether a payment between the account and the pool arrives."""
        return self.takes(account, pool) and (bool(self.token) or account != self.spender)

    def takes(self, account: str, pool: str) -> bool:
        """Return whether it does with all the gas there is."""
        if self.token:
            return not self.is_stopped and not self.refusing & {account, pool}
        takes_no_ether = self.refusing | self.contracts | {self.burner, self.bomber}
        return account not in takes_no_ether

    def arriving(self, amount: int) -> int:
        """Return what arrives of a payment."""
        return amount - amount // FEE_PART if self.token_name == CHARGING else amount

    def payment(
        self, account: str, pool: str, value: int, amount: int = 1, allowed: int | None = None
    ) -> Payment:
        """Return what the model is told of a payment of the account with `value` wei along.

        `allowed` is what the pool may take, if it is known.
        """
        if allowed is None:
            allowed = 0 if account in self.without_allowance else RICH
        accepts = self.token is None or self.accepts(account, pool)
        return Payment(value, accepts and amount <= min(allowed, RICH // 2))

    def can_refuse(self) -> tuple[str, ...]:
        """Return the accounts whose money can be made to fail."""
        if not self.token:
            return self.wallets
        if TOKENS[self.token_name][0] != "TokenThatBlocks":
            return ()
        return (*self.accounts, *sorted(self.contracts))

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

    def end_all_refusals(self) -> None:
        """Let everybody be paid who can be."""
        for account in sorted(self.refusing):
            self.set_refusing(account, False)
        if self.is_stopped:
            self.set_stopped(False)

    def set_allowance(self, account: str, allowed: bool) -> None:
        """Let pools and their layers take the account's tokens, or not."""
        if self.token:
            (self.without_allowance.discard if allowed else self.without_allowance.add)(account)

    def prepare_payment(self, account: str, taker: str) -> None:
        """Let the taker have the account's tokens, or not, just before it may ask for them."""
        amount = 0 if account in self.without_allowance else 2**256 - 1
        if self.token and self._allowances.get((account, taker), 0) != amount:
            self.token.send("approve", taker, amount, sender=account)
            self._allowances[account, taker] = amount

    def use_permit(
        self, account: str, pool: str, values: tuple[int, int, int, bytes, bytes]
    ) -> None:
        """Bring a permit in before anybody else does."""
        assert self.token
        self.token.send("permit", account, pool, *values, sender=PEOPLE[0])
        self.note_permit(account, pool)

    def note_permit(self, account: str, pool: str) -> None:
        """Remember that a permit of the account was used."""
        self.permits[account] += 1
        self._allowances[account, pool] = NEVER_SET

    def set_credential(self, account: str, has: bool) -> None:
        """Give or take what the gate asks for."""
        self.gate.send("give" if has else "take", account, sender=PEOPLE[0])
        (self.with_credential.add if has else self.with_credential.discard)(account)

    def set_gate_broken(self, broken: bool) -> None:
        """Let the gate revert whatever it is asked, or answer again."""
        self.gate.send("set_broken", broken, sender=PEOPLE[0])
        self.is_gate_broken = broken

    def gate_refusal(self, account: str) -> str:
        """Return in what words the gate keeps an account out, nothing if it lets it in."""
        if self.is_gate_broken:
            return "gate: broken"
        return "" if account in self.with_credential else "gate: no credential"

    # --- loans -----------------------------------------------------------------

    def lend(self, loan: str) -> None:
        """Let the desk say that an account is a loan of its own."""
        self.desk.send("lend", loan, sender=PEOPLE[0])
        self.loans.add(loan)

    def set_default(self, loan: str, member: str, amount: int) -> None:
        """Let the desk say that a loan is in default."""
        self.desk.send("set_callable", loan, member, amount, sender=PEOPLE[0])
        self.in_default[loan, member] = amount

    # --- re-entrancy -----------------------------------------------------------

    def arm(self, pool: str, function: str) -> None:
        """Let the wallet or token that calls back do so the next time that money moves."""
        self._ambusher.send("arm", pool, calldata(function), sender=PEOPLE[0])
        self._ambush, self._ambushed = function, pool

    def disarm(self, pool: str = "") -> None:
        """Let nobody call back into another pool, which is not at work."""
        if self._ambush and self._ambushed != pool:
            self._ambusher.send("arm", ZERO, b"", sender=PEOPLE[0])
            self._ambush = ""

    def sprung(self) -> str:
        """Return what was called back and refused by the lock, if anything was."""
        function = self._ambush
        if not function or self._ambusher.view("outcome") == ARMED:
            return ""
        outcome = self._ambusher.view("outcome"), self._ambusher.view("words")
        is_locked = outcome == (REFUSED, 0) or function in STATELESS
        assert is_locked, f"{function} was called back: {outcome}"
        self._ambush = ""
        return function

    @property
    def _ambusher(self) -> Contract:
        return self._tokens[CALLING] if self.token_name == CALLING else self.caller

    # --- money ------------------------------------------------------------------

    def balance(self, account: str) -> int:
        """Return what the account has of the pools' asset."""
        if self.token:
            return self.token.view("balanceOf", account)
        return self.chain.balance(account)

    def add_stray_money(self, account: str, amount: int) -> None:
        """Put money into a pool, or one of its layers, behind its back."""
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
