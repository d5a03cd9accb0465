"""Calls about joining, money from anybody, and the end, to contract and model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.evm.signing import compact, sign_invitation
from tests.model.core import ZERO
from tests.model.errors import ModelError

from . import papers
from .papers import Permit
from .world import KEY_OF, PEOPLE, PERMITTING

if TYPE_CHECKING:
    from .mirror import Mirror


class MoneyCalls:
    """Part of Mirror; calls are named as in IPool.vyi."""

    def join(
        self: Mirror,
        caller: str,
        member: str,
        *,
        tier: int = 0,
        deadline: int | None = None,
        signer: str | None = None,
        referrer: str = ZERO,
        value: int | None = None,
        more: int = 0,
        forge: str = "",
        permit: Permit | None = None,
    ) -> int | None:
        """Join, with `more` Ether than asked.

        `forge` "pool" and "member" sign for another one; "short" uses EIP-2098.
        """
        deadline = self.now if deadline is None else deadline
        key = KEY_OF[papers.key_of(signer or self.terms.organiser, self.world)]
        signed_member = PEOPLE[0] if forge == "member" else member
        signed_pool = PEOPLE[0] if forge == "pool" else self.pool.address
        signature = sign_invitation(key, signed_pool, signed_member, tier, deadline)
        if forge == "short":
            signature = compact(signature)
        is_genuine = (signed_member, signed_pool) == (member, self.pool.address)
        signed_by = papers.signed_by(signature, key, self.terms.organiser, self.world)
        invitation = ((member, tier, deadline), signature, referrer)
        if permit:
            return self._join_with_permit(caller, invitation, signed_by, is_genuine, permit)
        if value is None:
            value = self._price(tier) + more if self.terms.asset == ZERO else 0
        return self.both(
            "join",
            invitation,
            lambda: self.model.join(
                caller,
                member,
                tier,
                deadline,
                signed_by if is_genuine else None,
                referrer,
                self.payment(caller, value),
            ),
            sender=caller,
            value=value,
        )

    def _join_with_permit(
        self: Mirror,
        caller: str,
        invitation: tuple[tuple[str, int, int], bytes, str],
        signed_by: str,
        is_genuine: bool,
        permit: Permit,
    ) -> int | None:
        world, pool = self.world, self.pool.address
        (member, tier, deadline), _, referrer = invitation
        world.prepare_payment(caller, pool)
        values = papers.sign_permit(self, caller, permit)
        takes_permits = world.token_name == PERMITTING
        is_good = takes_permits and not permit.flaw and caller in KEY_OF
        if permit.is_used_before and is_good:
            world.use_permit(caller, pool, values)
        allowed = permit.value if is_good else None
        joined = self.both(
            "join_with_permit",
            (*invitation, values),
            lambda: self.model.join(
                caller,
                member,
                tier,
                deadline,
                signed_by if is_genuine else None,
                referrer,
                self.payment(caller, 0, self._price(tier), allowed),
            ),
            sender=caller,
        )
        if joined and is_good and not permit.is_used_before:
            world.note_permit(caller, pool)
        return joined

    def leave(self: Mirror, caller: str) -> None:
        """Leave."""
        self.both("leave", (), lambda: self.model.leave(caller), sender=caller)

    def donate(self: Mirror, caller: str, amount: int, value: int | None = None) -> None:
        """Donate."""
        value = self.value(amount) if value is None else value
        self.both(
            "donate",
            (amount,),
            lambda: self.model.donate(caller, amount, self.payment(caller, value, amount)),
            sender=caller,
            value=value,
        )

    def return_donation(self: Mirror, donor: str, sender: str) -> None:
        """Return a donation."""
        self.both(
            "return_donation", (donor,), lambda: self.model.return_donation(donor), sender=sender
        )

    def add_stray_money(self: Mirror, amount: int) -> None:
        """Send money to the pool without a call."""
        self.tell(f"stray {amount}")
        self.world.add_stray_money(self.pool.address, amount)
        self.model.stray += amount

    def absorb(self: Mirror, sender: str) -> int | None:
        """Absorb stray money."""
        return self.both("absorb", (), self.model.absorb, sender=sender)

    def recover(
        self: Mirror, caller: str, claim_id: int, amount: int, value: int | None = None
    ) -> None:
        """Bring money back for a claim."""
        value = self.value(amount) if value is None else value
        payment = self.payment(caller, value, amount)
        self.both(
            "recover",
            (claim_id, amount),
            lambda: self.model.recover(caller, claim_id, amount, payment),
            sender=caller,
            value=value,
        )

    def bind_reinsurance(self: Mirror, sender: str) -> None:
        """Cede the layers' premium by hand."""
        self.both("bind_reinsurance", (), self.model.treaty.bind_reinsurance, sender=sender)

    def add_collateral(self: Mirror, caller: str, number: int, amount: int, value: int) -> None:
        """Pretend to be a layer that took a deposit."""
        self.both(
            "add_collateral",
            (number, amount),
            lambda: self.model.treaty.add_collateral(caller, number, amount),
            sender=caller,
            value=value,
        )

    def redeem_layer(self: Mirror, caller: str, number: int, amount: int) -> None:
        """Pretend to be a layer that burnt shares."""
        self.both(
            "redeem_layer",
            (number, amount, caller),
            lambda: self.model.treaty.redeem_layer(caller, number),
            sender=caller,
        )

    def absorb_layer(self: Mirror, number: int, sender: str) -> int | None:
        """Let come in what lies in a layer without shares."""
        return self.both(
            "absorb_layer", (number,), lambda: self.model.treaty.absorb_layer(number), sender=sender
        )

    def settle(self: Mirror, sender: str) -> None:
        """Settle."""
        self.both("settle", (), self.model.settle, sender=sender)

    def refund(self: Mirror, member: str, sender: str) -> int | None:
        """Refund one member."""
        return self.both("refund", (member,), lambda: self.model.refund(member), sender=sender)

    def refund_many(self: Mirror, first_id: int, count: int, sender: str) -> int | None:
        """Refund a stretch of the roster."""
        return self.both(
            "refund_many",
            (first_id, count),
            lambda: self.model.refund_many(first_id, count),
            sender=sender,
        )

    def sweep(self: Mirror, sender: str) -> int | None:
        """Sweep."""
        return self.both("sweep", (), self.model.sweep, sender=sender)

    def withdraw(self: Mirror, caller: str, receiver: str) -> int | None:
        """Withdraw."""
        return self.both(
            "withdraw", (receiver,), lambda: self.model.withdraw(caller, receiver), sender=caller
        )

    def _price(self: Mirror, tier: int) -> int:
        try:
            return self.model.quote_premium(tier)
        except ModelError:
            return self.terms.tiers[0].premium
