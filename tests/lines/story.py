"""Lives of pools told in sentences: what people do, and what they have then.

A story is lines of text, each the first sentence below (`@says`) that it fits; ` -> reason` at its
end says that it is refused so. `member 3` is the third who joined; everybody else goes by the role.
What was filed last is voted on, resolved and appealed. Whoever pays is given exactly that, so what
an account has is all that it ever got.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from peerpool import chain, ledger
from peerpool.audit.books import read as read_books
from peerpool.ledger.rebuild import SETTLED
from peerpool.terms import read
from peerpool.units import DAY, format_amount, parse_amount
from tests.attacks.arena import CAUSE, ORGANISER, OUTSIDER, WORDS, Arena
from tests.evm.chain import Reverted
from tests.evm.provider import connect
from tests.evm.signing import address_of
from tests.layers.steps import deposit, layer

from .files import DECIMALS, FILES, token_of

ROLES = ("arbiter", "reinsurer", "donor", "lender", "client", "broker", "grandparent", "carrier")
FIRST_MEMBER = 100
STATUS = ("", "open", "awarded", "rejected", "lapsed", "cut", "referred", "appealed")

_SENTENCES: list[tuple[re.Pattern[str], Callable[..., None]]] = []


def says(sentence: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a method what a sentence does; {names} in it are its arguments."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>.+?)", sentence))

    def keep(method: Callable[..., None]) -> Callable[..., None]:
        _SENTENCES.append((pattern, method))
        return method

    return keep


class Life:
    """A pool of pools/*.toml, and what happens to it."""

    def __init__(self, a: Arena, line: str) -> None:
        self.line = line
        self.a = a
        self.web3 = connect(a.chain)
        self.gate, self.desk, self.loan = map(a.mock, ("Gate", "GuaranteeDesk", "Loan"))
        self.people = {role: address_of(2 + i) for i, role in enumerate(ROLES)}
        self.people |= {"organiser": ORGANISER, "cause": CAUSE, "the loan": self.loan.address}
        names = self.people | {"gate": self.gate.address, "desk": self.desk.address}
        if symbol := token_of(line):
            a.token = a.mock("Token", symbol, symbol, DECIMALS[symbol])
            names[symbol] = a.token.address
        self.file = read(
            FILES[line],
            asset=lambda address: chain.read_asset(self.web3, address),
            now=a.chain.time,
            names=names,
        )
        a.create(**vars(self.file.terms))
        self.desk.send("lend", self.loan.address, sender=OUTSIDER)
        self.members: list[str] = []
        self.holders: set[tuple[int, str]] = set()
        self.claims: dict[int, Iterator[str]] = {}  # filed last, each with who may still vote

    def tell(self, story: str) -> None:
        """Live through a story."""
        for line in filter(None, map(str.strip, story.splitlines())):
            sentence, _, reason = line.partition(" -> ")
            before = self.a.chain.snapshot() if reason else None
            refusal = self._refusal(sentence)
            assert refusal == reason, f"{sentence} -> {refusal}"
            if before:
                self.a.chain.revert(before)  # the money that was brought along

    def _refusal(self, sentence: str) -> str:
        """Do what a sentence says; return why it was refused, nothing if it was not."""
        try:
            self._do(sentence)
        except Reverted as failure:
            return failure.reason
        except AssertionError as failure:
            failure.add_note(sentence)
            raise
        return ""

    def _do(self, sentence: str) -> None:
        for pattern, method in _SENTENCES:
            if match := pattern.fullmatch(sentence):
                given = {name: text for name, text in match.groupdict().items() if text}
                return method(self, **{name: self._read(name, given[name]) for name in given})
        raise LookupError(sentence)

    def _read(self, name: str, text: str) -> Any:
        if name in ("amount", "each"):
            return parse_amount(text, self.file.asset)
        if name in ("who", "payee", "payer", "referrer"):
            return self._who(text)
        if name in ("answer", "figure", "status"):
            return text
        if name == "tier":
            return self.file.tier_names.index(text)
        return int(text)

    def _who(self, text: str) -> str:
        member = re.fullmatch(r"member (\d+)", text)
        return self.members[int(member[1]) - 1] if member else self.people[text]

    # --- joining ----------------------------------------------------------------

    @says("a stranger joins as {tier}")
    def stranger_joins(self, tier: int) -> None:
        self.a.join(OUTSIDER, tier)

    @says(
        "{count} joins? as {tier}(?:, brought by {referrer})?(?:, paid by {payer})?"
        "(?:, invited by member {inviter})?"
    )
    def joins(self, count: int, tier: int, inviter: int | None = None, **others: str) -> None:
        signer = 1 if inviter is None else FIRST_MEMBER + inviter
        for _ in range(count):
            number = FIRST_MEMBER + len(self.members) + 1
            self.gate.send("give", address_of(number), sender=OUTSIDER)
            self.members.append(self.a.join(number, tier, signer=signer, **others))

    @says("{who} leaves")
    def leaves(self, who: str) -> None:
        self.a.pool.send("leave", sender=who)

    @says("{who} donates {amount}")
    def donates(self, who: str, amount: int) -> None:
        self.a.donate(amount, who)

    @says("{who} fills layer {number} with {amount}")
    def fills(self, who: str, number: int, amount: int) -> None:
        deposit(self.a, amount, who, number)
        self.holders.add((number, who))

    # --- time -------------------------------------------------------------------

    @says("day {day}")
    def day(self, day: int) -> None:
        self.check_books()
        self.a.at(self.a.terms.cover_start + day * DAY)

    @says("{days} days pass")
    def pass_days(self, days: int) -> None:
        self.a.at(self.a.chain.time + days * DAY)

    @says("the vote ends")
    def vote_ends(self) -> None:
        self.a.at(max(self._claim(i).filed_at for i in self.claims) + self.a.terms.voting_period)

    # --- claims -----------------------------------------------------------------

    @says("{who} loses {amount}(?:, {days} days ago)?")
    def loses(self, who: str, amount: int, days: int = 0) -> None:
        self.claims = {}
        self._file(who, amount, days)

    @says("members {first} to {last} lose {each} each")
    def lose(self, first: int, last: int, each: int) -> None:
        self.claims = {}
        self.lose_too(first, last, each)

    @says("so do members {first} to {last}, {each} each")
    def lose_too(self, first: int, last: int, each: int) -> None:
        for member in self.members[first - 1 : last]:
            self._file(member, each)

    @says("{payee} claims {amount} for {who}(?:, {days} days ago)?")
    def claims_for(self, payee: str, who: str, amount: int, days: int = 0) -> None:
        self.claims = {}
        self._file(who, amount, days, payee)

    def _file(self, member: str, amount: int, days: int = 0, payee: str = "") -> None:
        a, sender = self.a, payee or member
        function, whose = ("file_claim_for", [member]) if payee else ("file_claim", [])
        when = a.chain.time - days * DAY
        value = a.fund(sender, a.terms.claim_bond)
        filed = a.pool.send(function, *whose, amount, when, WORDS, "", sender=sender, value=value)
        self.claims[filed.value] = (m for m in self.members if m not in (member, payee))

    def _claim(self, claim_id: int) -> Any:
        return self.a.pool.view("claim", claim_id)

    @says("{count} vote {tenths}")
    def vote(self, count: int, tenths: int) -> None:
        for claim_id, voters in self.claims.items():
            self.a.vote(claim_id, [next(voters) for _ in range(count)], tenths)

    @says("resolved: {status}")
    def resolved(self, status: str) -> None:
        for claim_id in self.claims:
            self.a.by_anyone("resolve", claim_id)
        self.found(status)

    @says("it is {status}")
    def found(self, status: str) -> None:
        found = {STATUS[self._claim(claim_id).status] for claim_id in self.claims}
        assert found == {status}, found

    @says("{who} (?P<answer>accept|appeal)s")
    def answers(self, who: str, answer: str) -> None:
        for claim_id in self.claims:
            self.a.pool.send(answer, claim_id, sender=who)

    @says("the arbiter rules {tenths}")
    def rules(self, tenths: int) -> None:
        for claim_id in self.claims:
            self.a.pool.send("rule", claim_id, tenths, WORDS, sender=self.people["arbiter"])

    @says("the window is shared")
    def shared(self) -> None:
        [last] = {self._claim(claim_id).window for claim_id in self.claims}
        self.a.at(max(self.a.chain.time, self.a.window_end(last)))
        for window in sorted({self._claim(claim_id).window for claim_id in self._all_claims()}):
            self.a.by_anyone("settle_window", window)
        self.paid_out()

    @says("what can be paid is paid")
    def paid_out(self) -> None:
        for claim_id in self._all_claims():
            if self.a.pool.view("award_due", claim_id):
                self.a.by_anyone("pay_award", claim_id)

    def _all_claims(self) -> range:
        return range(1, self.a.summary().claims + 1)

    @says("{who} brings back {amount} for claim {claim}")
    def brings_back(self, who: str, amount: int, claim: int) -> None:
        value = self.a.fund(who, amount)
        self.a.pool.send("recover", claim, amount, sender=who, value=value)

    # --- pledges ----------------------------------------------------------------

    @says("{who} pledges {amount} to {payee}")
    def pledges(self, who: str, amount: int, payee: str) -> None:
        self.a.pool.send("pledge", payee, amount, sender=who)

    @says("{payee} releases {amount} of {who}")
    def releases(self, payee: str, amount: int, who: str) -> None:
        self.a.pool.send("release", who, amount, sender=payee)

    @says("the loan to {who} defaults for {amount}")
    def defaults(self, who: str, amount: int) -> None:
        self.desk.send("set_callable", self.loan.address, who, amount, sender=OUTSIDER)
        self.loan.send("call_guarantee", self.a.pool.address, who, amount, sender=OUTSIDER)

    # --- the end ----------------------------------------------------------------

    @says("settled")
    def settled(self) -> None:
        self.check_books()
        terms = self.a.terms
        self.a.at(max(self.a.chain.time, terms.expiry + terms.reporting_period))
        self.a.by_anyone("settle")

    @says("{count} take their refund")
    def refunded(self, count: int) -> None:
        self.a.by_anyone("refund_many", 1, count)

    @says("what nobody took is swept")
    def swept(self) -> None:
        self.a.by_anyone("sweep")

    @says("all take what is theirs")
    def all_take(self) -> None:
        a = self.a
        self.paid_out()
        a.by_anyone("refund_many", 1, len(self.members))
        for number, holder in sorted(self.holders):
            shares = layer(a, number)
            owned = shares.view("balanceOf", holder)
            shares.send("redeem", owned, holder, holder, sender=holder)
        for account in (*self.people.values(), *self.members):
            if a.pool.view("earnings_of", account) or a.pool.view("credit_of", account):
                a.pool.send("withdraw", account, sender=account)

    # --- looks ------------------------------------------------------------------

    @says("{who} has {amount}")
    def has(self, who: str, amount: int) -> None:
        self._same(self.a.balance(who), amount)

    @says("{figure}: {amount}")
    def figure(self, figure: str, amount: int) -> None:
        self._same(getattr(self.a.summary(), figure), amount)

    def _same(self, amount: int, told: int) -> None:
        assert amount == told, f"it is {format_amount(amount, self.file.asset)}"

    def check_books(self) -> None:
        """The books, rebuilt from events, are the chain's; rules 1 and 14 hold."""
        books = read_books(self.web3, self.a.pool.address)
        found = ledger.check(self.web3, books)
        assert not found, found
        self.a.audit()

    def check_empty(self) -> None:
        """Nobody has anything to get any more, and what is left is dust (rule 14)."""
        pool, summary = self.a.pool, self.a.summary()
        assert summary.phase == SETTLED
        assert not any(self.a.due(*self.members))
        assert not any(pool.view("award_due", claim_id) for claim_id in self._all_claims())
        assert self.a.balance(pool.address) == summary.funds + summary.held
        assert summary.funds < len(self.members)
        assert summary.held <= 2 * summary.claims
