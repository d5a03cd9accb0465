"""What goes wrong while a pool is kept: others are faster, payees refuse, nodes fail."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils import to_checksum_address

from peerpool.keeper import Limit, NodeAccount, Pass
from peerpool.keeper.purse import GAS
from peerpool.keeper.sender import OTHERS, PAYMENT
from peerpool.rpc import RpcError
from peerpool.units import ETHER, MINUTE
from tests.attacks.arena import CAUSE, OUTSIDER, WITH_CAUSE, YEAR
from tests.evm.answering import NodeError
from tests.keeper.conftest import KEEPER, RICH, SECOND_KEEPER, Keeping, key_account
from tests.keeper.node import BASE_FEE, GAS_PRICE, TIP


@pytest.fixture
def settling(k: Keeping) -> Keeping:
    """A pool that waits to be settled, and another, empty one."""
    k.create()
    k.other = to_checksum_address(k.a.clone(b"\1" * 32).address)
    k.a.reporting_end()
    return k


@pytest.fixture
def refunding(settling: Keeping) -> Keeping:
    """A pool whose six refunds wait to be pushed."""
    settling.a.by_anyone("settle")
    return settling


def ids_of(query: dict[str, Any]) -> range:
    """Whom a refund_many is for."""
    words = query["data"][10:]
    first, count = int(words[:64], 16), int(words[64:], 16)
    return range(first, first + count)


def refuse_for(k: Keeping, number: int) -> None:
    """From now on the node says that a refund of this member reverts."""
    selector = k.kept().ask("refund_many", 1, 1).query["data"][:10]

    def lie(method: str, params: Any, result: Any) -> Any:
        is_push = method == "eth_estimateGas" and params[0]["data"].startswith(selector)
        if is_push and number in ids_of(params[0]):
            raise NodeError(3, "execution reverted: token: is paused")
        return result

    k.node.lie = lie


# --- others are faster


def test_keep__done_by_somebody_before_it_is_sent__is_lost_without_cost(settling: Keeping) -> None:
    k = settling

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_estimateGas":
            k.node.lie = None
            k.a.by_anyone("settle")
            raise NodeError(3, "execution reverted: settle: already settled")
        return result

    k.node.lie = lie
    assert k.once().is_good
    assert k.said() == [("settle()", "lost"), ("refund_many(1 to 6)", "done")]
    assert k.problems[0] == "somebody else has done it"


def test_keep__done_by_somebody_after_it_is_sent__is_lost_calmly(settling: Keeping) -> None:
    k = settling
    k.node.before_send = lambda: k.a.by_anyone("settle")
    assert k.once().is_good
    assert k.said() == [("settle()", "lost"), ("refund_many(1 to 6)", "done")]
    assert k.node.sent[0].receipt["status"] == "0x0"


def test_keep__refunds_pushed_by_somebody__before_or_after__are_lost(refunding: Keeping) -> None:
    k = refunding
    k.node.before_send = lambda: k.a.by_anyone("refund_many", 1, 6)
    assert k.once().is_good
    assert k.said() == [("refund_many(1 to 6)", "lost")]
    assert k.problems == ["somebody else has done it"]
    k.a.donate(600)

    def lie(method: str, params: Any, result: Any) -> Any:
        is_trial = method == "eth_call" and "from" in params[0]
        return "0x" + "00" * 32 if is_trial else result

    k.node.lie = lie
    assert k.once().is_good
    assert k.said() == [("refund_many(1 to 6)", "lost")]
    assert k.problems == ["somebody else has done it"]
    assert len(k.node.sent) == 1


def test_keep__done_by_somebody_and_due_once_more__is_lost_not_failed(k: Keeping) -> None:
    """An award that was cut is paid again as soon as more has come in."""
    k.create()
    k.a.start()
    claimant, *voters = k.people
    k.a.award(claimant, 5000, voters)
    k.a.award(voters[0], 5000, voters)
    k.a.at(k.a.window_end(0))
    k.a.by_anyone("settle_window", 0)

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_getTransactionReceipt":
            k.node.lie = None
            k.a.donate(1000)
        return result

    k.node.before_send, k.node.lie = lambda: k.a.by_anyone("pay_award", 2), lie
    assert k.once().is_good
    assert k.a.pool.view("award_due", 2) > 0
    assert k.said() == [("pay_award(2)", "lost")]


def test_keep__two_with_one_account__one_gets_its_transaction_in(settling: Keeping) -> None:
    k = settling
    other = k.keeper()
    k.node.before_send = lambda: other.once()
    assert k.once().is_good
    settled = [outcome for outcome in k.told if outcome.step.function == "settle"]
    assert [outcome.result for outcome in settled] == ["done", "lost"]
    assert settled[1].problem == "another keeper with this account was faster"
    nonces = [sent.fields["nonce"] for sent in k.node.sent]
    assert nonces == list(range(len(nonces)))


def test_keep__somebody_elses_transaction_waits__it_is_left_to_them_for_a_while(
    settling: Keeping,
) -> None:
    """It may never be mined: then the keeper sends its own."""
    k = settling

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_estimateGas" and params[1] == "pending":
            raise NodeError(3, "execution reverted: settle: already settled")
        return result

    k.node.lie, keeper = lie, k.keeper()
    for _ in range(OTHERS):
        assert keeper.once().is_good
        assert k.said() == [("settle()", "lost")]
        assert k.problems == ["somebody else's transaction, which does it, waits to be mined"]
    keeper.once()
    assert k.said()[0] == ("settle()", "done")


def test_keep__node_that_knows_no_block_to_come__is_asked_about_the_latest(
    settling: Keeping,
) -> None:
    k = settling

    def lie(method: str, params: Any, result: Any) -> Any:
        if "pending" in params and method != "eth_getTransactionCount":
            raise NodeError(-32000, "pending state is not available")
        return result

    k.node.lie = lie
    k.once()
    assert k.said() == [("settle()", "done"), ("refund_many(1 to 6)", "done")]


# --- killed, with a transaction on its way


def test_keep__killed_while_its_transaction_waits__nothing_is_sent_twice(
    settling: Keeping,
) -> None:
    k = settling
    k.node.mines = False
    first = k.once()
    assert (k.said(), first.is_good) == ([("settle()", "left")], True)
    assert k.problems == [f"transaction: {k.node.sent[0].hash} is still pending"]
    k.once()  # another keeper, which knows nothing but the chain
    assert k.said() == [("settle()", "left")]
    assert k.problems == [f"transaction: 0 of {KEEPER} is still pending"]
    assert len(k.node.sent) == 1
    k.node.mines = True
    k.node.mine()
    k.once()
    assert k.said() == [("refund_many(1 to 6)", "done")]


def test_keep__its_transaction_vanishes__is_sent_anew_with_the_same_nonce(
    settling: Keeping,
) -> None:
    k = settling
    k.node.mines = False
    k.once()
    k.node.forget()
    k.node.mines = True
    k.said()
    k.once()
    assert k.said() == [("settle()", "done"), ("refund_many(1 to 6)", "done")]
    assert [sent.fields["nonce"] for sent in k.node.sent] == [0, 1]


def test_keep__its_transaction_is_replaced__is_lost(settling: Keeping) -> None:
    k = settling
    k.node.mines = False
    sender = k.sender()
    sender._patience = 60.0

    def replace(_: float) -> None:
        k.node.sent[-1].hash = "0x" + "77" * 32
        k.node.mine()

    sender._wait = replace
    sent = k.keeper(sender=sender).once()
    assert sent.is_good
    assert [result for _, result in k.said()] == ["lost", "lost"]
    assert k.problems[0].startswith("another transaction has taken the place of 0x")


# --- payees and members


@pytest.mark.parametrize("wallet", ["WalletThatRejects", "WalletThatBurnsGas"])
def test_keep__members_who_refuse_or_burn__get_a_credit_and_stop_nobody(
    k: Keeping, wallet: str
) -> None:
    k.create(people=range(10, 13))
    wallets = [k.a.mock(wallet).address for _ in range(3)]
    for each in wallets:
        k.a.join(each, payer=OUTSIDER)
    k.a.join(13)
    k.a.reporting_end()
    assert k.once().is_good
    assert k.said() == [("settle()", "done"), ("refund_many(1 to 7)", "done")]
    assert [k.a.pool.view("credit_of", each) for each in wallets] == [1000] * 3
    assert [k.a.balance(person) for person in k.people] == [1000] * 3


def test_keep__wallet_that_spends_more_than_it_did_in_the_trial__has_gas_to_burn(
    k: Keeping,
) -> None:
    """Each payment is given what it may take at most, so that no member can make a batch fail."""
    k.create(people=range(10, 13))
    k.a.reporting_end()
    k.a.by_anyone("settle")
    k.once()
    [sent] = k.node.sent
    used = int(sent.receipt["gasUsed"], 16)
    assert sent.fields["gas"] >= used + 3 * PAYMENT


def test_keep__refund_that_reverts__does_not_stop_the_others_and_is_not_tried_for_ever(
    refunding: Keeping,
) -> None:
    k = refunding
    refuse_for(k, 3)
    keeper = k.keeper()
    assert not keeper.once().is_good
    said = k.said()
    assert said[-1] == ("refund_many(3 to 3)", "failed")
    assert k.problems[-1] == "token: is paused; not again for 1 minute"
    assert {result for _, result in said[:-1]} == {"done"}
    assert [due > 0 for due in k.a.due(*k.people)] == [False, False, True, False, False, False]
    keeper.once()
    assert k.said() == []
    pauses = [1, 4, 16, 64, 256]
    for n, minutes in enumerate(pauses, start=2):
        k.chain.time += minutes * MINUTE - 61
        keeper.once()
        assert k.said() == []
        k.chain.time += 61
        keeper.once()
        assert k.said() == [("refund_many(3 to 3)", "failed")]
        then = f"not again for {pauses[n - 1]} minutes" if n < 6 else "given up after 6 tries"
        assert k.problems == [f"token: is paused; {then}"]
    k.chain.time += 10**8
    keeper.once()
    assert k.said() == []
    pushed = [id_ for sent in k.node.sent for id_ in ids_of(sent.fields)]
    assert pushed == [1, 2, 4, 5, 6]


def test_keep__refund_that_failed__is_not_swept(k: Keeping) -> None:
    k.create(cause_bps=0, **WITH_CAUSE)
    k.a.reporting_end()
    k.a.by_anyone("settle")
    k.a.at(k.chain.time + YEAR)
    refuse_for(k, 3)
    k.once()
    assert k.said()[-1] == ("refund_many(3 to 3)", "failed")
    assert k.a.balance(CAUSE) == 0


def test_keep__refund_of_one_who_failed__others_around_it_go_on(refunding: Keeping) -> None:
    k = refunding
    refuse_for(k, 3)
    keeper = k.keeper()
    keeper.once()
    k.said()
    k.a.donate(6000)
    keeper.once()
    assert k.said() == [("refund_many(1 to 2)", "done"), ("refund_many(4 to 6)", "done")]
    k.node.lie = None
    k.chain.time += 2 * MINUTE
    keeper.once()
    assert k.said() == [("refund_many(3 to 3)", "done")]


def test_keep__batch_that_reverts_on_chain__goes_in_halves(refunding: Keeping) -> None:
    k = refunding
    mine, k.node._mine = k.node._mine, None

    def short_of_gas(sent: Any) -> None:
        k.node._mine = mine
        sent.fields["gas"] = 60_000
        mine(sent)

    k.node._mine = short_of_gas
    assert k.once().is_good
    assert k.said() == [
        ("refund_many(1 to 6)", "split"),
        ("refund_many(1 to 3)", "done"),
        ("refund_many(4 to 6)", "done"),
    ]


# --- blocks


def test_keep__small_blocks__get_small_batches(refunding: Keeping) -> None:
    k = refunding
    most = 700_000
    k.node.gas_limit = 2 * most
    k.once()
    assert {result for _, result in k.said()} == {"done"}
    pushed = [ids_of(sent.fields) for sent in k.node.sent]
    assert 1 < len(pushed) < 6
    assert [id_ for ids in pushed for id_ in ids] == [1, 2, 3, 4, 5, 6]
    assert all(sent.fields["gas"] <= most for sent in k.node.sent)


def test_keep__more_members_than_a_page_and_a_batch(k: Keeping) -> None:
    k.create(people=range(100, 230), max_members=200)
    k.a.reporting_end()
    k.once()
    said = k.said()
    assert {result for _, result in said} == {"done"}
    assert len(said) == 3
    assert sum(k.a.due(*k.people)) == 0
    assert all(sent.fields["gas"] <= 1 << 24 for sent in k.node.sent)


def test_keep__call_that_no_block_can_take__fails(settling: Keeping) -> None:
    k = settling
    k.node.gas_limit = 100_000
    assert not k.once().is_good
    assert k.said() == [("settle()", "failed")]
    assert k.problems[0].startswith("gas: ")
    assert "do not fit into a transaction; not again for 1 minute" in k.problems[0]
    assert k.once(dry=True).counts == {"failed": 1}


# --- money


def test_keep__budget_of_gas__is_never_exceeded(refunding: Keeping) -> None:
    k = refunding
    sender = k.sender(per_pass=Limit(450_000, GAS))
    ended = k.keeper(sender=sender).once()
    assert ended.is_good
    results = [result for _, result in k.said()]
    assert (results[0], results[-1]) == ("done", "left")
    assert 0 < sum(k.a.due(*k.people)) < 6000
    assert k.problems[-1].startswith("budget: up to ")
    assert k.problems[-1].endswith(" left of 450 000 gas a pass")
    assert sender.purse.gas <= 450_000


def test_keep__budget_in_all__ends_it_and_a_pass_begins_anew(refunding: Keeping) -> None:
    k = refunding
    most = 450_000 * (2 * BASE_FEE + TIP)
    sender = k.sender(per_pass=Limit(most, ETHER), in_all=Limit(2 * most, ETHER))
    keeper = k.keeper(sender=sender)
    keeper.once()
    assert k.said()[-1][1] == "left"
    before = sum(k.a.due(*k.people))
    keeper.once()
    assert sum(k.a.due(*k.people)) < before
    k.said()
    assert sender.purse.wei <= 2 * most
    assert sender.purse.wei == sum(int(s.receipt["gasUsed"], 16) for s in k.node.sent) * GAS_PRICE
    k.a.donate(6000)
    sender.purse.in_all = Limit(sender.purse.wei, ETHER)
    keeper.once()
    assert k.said()[-1][1] == "left"
    assert k.problems[-1].endswith(" a run")


def test_keep__transaction_not_mined_yet__is_booked_at_its_most(settling: Keeping) -> None:
    k = settling
    k.node.mines = False
    sender = k.sender()
    k.keeper(sender=sender).once()
    [sent] = k.node.sent
    assert sender.purse.gas == sent.fields["gas"]
    assert sender.purse.wei == sent.fields["gas"] * (2 * BASE_FEE + TIP)


def test_keep__gas_above_the_ceiling__is_left_for_later(settling: Keeping) -> None:
    k = settling
    ended = k.once(ceiling=GAS_PRICE - 1)
    assert ended.is_good
    assert k.said() == [("settle()", "left")]
    assert k.problems == ["gas price: 3 gwei, above 2.999999999 gwei"]
    assert k.node.sent == []
    k.once(ceiling=GAS_PRICE)
    assert k.said()[0] == ("settle()", "done")
    assert int(k.node.sent[0].fields["maxFeePerGas"], 16) == GAS_PRICE


def test_keep__refunds_while_gas_is_too_dear__are_left_whole(refunding: Keeping) -> None:
    refunding.once(ceiling=GAS_PRICE - 1)
    assert refunding.said() == [("refund_many(1 to 6)", "left")]


def test_keep__account_without_money__fails_and_says_how_much(settling: Keeping) -> None:
    k = settling
    poor = to_checksum_address("0x" + "9a" * 20)
    ended = k.keeper(sender=k.sender(NodeAccount(poor))).once()
    assert not ended.is_good
    assert k.said() == [("settle()", "failed")]
    assert k.problems[0].startswith(f"account: {poor} has 0 ETH, 0.00")
    assert k.problems[0].endswith(" ETH needed")


def test_keep__node_refuses_the_transaction__fails(settling: Keeping) -> None:
    k = settling

    def refuse() -> None:
        raise NodeError(3, "intrinsic gas too low")

    k.node.before_send = refuse
    assert not k.once().is_good
    assert k.said() == [("settle()", "failed")]
    assert k.problems == ["account: the node refuses: intrinsic gas too low"]


def test_keep__dry_run__tells_and_sends_nothing(refunding: Keeping) -> None:
    k = refunding
    before = k.chain.number
    ended = k.once(dry=True)
    [planned] = k.told
    assert (ended.counts, k.chain.number, k.node.sent) == ({"planned": 1}, before, [])
    assert planned.gas > 6 * 20_000
    assert planned.cost == planned.gas * GAS_PRICE


def test_keep__chain_without_a_base_fee__pays_its_gas_price(settling: Keeping) -> None:
    k = settling
    k.node.base_fee = None
    k.once()
    assert k.said()[0] == ("settle()", "done")
    assert int(k.node.sent[0].fields["gasPrice"], 16) == GAS_PRICE


def test_keep__node_without_a_tip__gets_a_gwei(settling: Keeping) -> None:
    k = settling

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_maxPriorityFeePerGas":
            raise NodeError(3, "the method does not exist")
        return result

    k.node.lie = lie
    k.once()
    assert k.said()[0] == ("settle()", "done")
    assert int(k.node.sent[0].fields["maxPriorityFeePerGas"], 16) == 10**9


# --- keys


def test_keep__key_of_its_own__signs(settling: Keeping) -> None:
    k = settling
    k.keeper(sender=k.sender(key_account())).once()
    assert k.said() == [("settle()", "done"), ("refund_many(1 to 6)", "done")]
    assert {sent.fields["from"] for sent in k.node.sent} == {KEEPER}


def test_keep__signed_transaction_that_the_node_has_already__is_waited_for(
    settling: Keeping,
) -> None:
    """A request that was lost on its way back is made again."""
    k = settling

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_sendRawTransaction":
            k.node.lie = None
            raise NodeError(3, "already known")
        return result

    k.node.lie = lie
    k.keeper(sender=k.sender(key_account())).once()
    assert k.said()[0] == ("settle()", "done")
    assert len(k.node.sent) == 2


# --- nodes


def test_keep__node_that_does_not_answer__ends_the_pass_and_is_told(settling: Keeping) -> None:
    k = settling
    keeper = k.keeper()

    def lie(method: str, params: Any, result: Any) -> Any:
        raise RpcError("rpc: node: nobody answers")

    k.node.lie = lie
    ended = keeper.once()
    assert (ended.error, ended.is_good, k.said()) == ("rpc: node: nobody answers", False, [])


def test_keep__node_that_fails_after_a_step_did__both_are_told(settling: Keeping) -> None:
    k = settling

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_estimateGas":
            k.node.lie = dead
            raise NodeError(3, "out of gas")
        return result

    def dead(method: str, params: Any, result: Any) -> Any:
        if method == "eth_estimateGas":
            raise NodeError(3, "out of gas")
        raise RpcError("rpc: node: nobody answers")

    k.node.lie = lie
    ended = k.once()
    assert (ended.error, k.said()) == ("rpc: node: nobody answers", [("settle()", "failed")])
    assert k.problems == ["out of gas; not again for 1 minute"]


def test_keep__pool_that_answers_nothing_between_two_refunds__the_failed_one_is_told(
    refunding: Keeping,
) -> None:
    k = refunding
    refuse_for(k, 3)
    refusing = k.node.lie
    selector = k.kept().ask("refund_many", 1, 1).query["data"][:10]

    def lie(method: str, params: Any, result: Any) -> Any:
        is_push = method == "eth_call" and params[0]["data"].startswith(selector)
        return "0x" if is_push and ids_of(params[0])[0] == 4 else refusing(method, params, result)

    k.node.lie = lie
    k.once()
    assert k.said()[-2:] == [("refund_many(3 to 3)", "failed"), ("look()", "failed")]
    assert k.problems[-2:] == [
        "token: is paused; not again for 1 minute",
        f"view: {k.pool} does not answer refund_many",
    ]


def test_keep__pool_that_answers_nothing_after_a_step_reverted__both_are_told_and_it_waits(
    settling: Keeping,
) -> None:
    """The gas was paid: what is not known to have failed would be paid for again at once."""
    k = settling
    k.node.before_send = lambda: k.a.by_anyone("settle")  # so that ours reverts

    def lie(method: str, params: Any, result: Any) -> Any:
        return "0x" if k.node.sent and method == "eth_call" else result

    k.node.lie, keeper = lie, k.keeper()
    ended = keeper.once()
    reverted, _ = k.told
    assert reverted.transaction == k.node.sent[0].hash
    assert reverted.gas == int(k.node.sent[0].receipt["gasUsed"], 16)
    assert k.said() == [("settle()", "failed"), ("look()", "failed")]
    assert k.problems == [
        "reverted; not again for 1 minute",
        f"view: {k.pool} does not answer summary",
    ]
    assert (ended.error, ended.counts) == ("", {"failed": 2})


class Stop(BaseException):
    """The end of a loop without an end."""


def test_every__pauses_grow_while_the_node_is_in_trouble(settling: Keeping) -> None:
    k = settling
    keeper = k.keeper()
    pauses: list[float] = []

    def lie(method: str, params: Any, result: Any) -> Any:
        raise RpcError("rpc: node: nobody answers")

    def told(ended: Pass, pause: float) -> None:
        pauses.append(pause)
        k.node.lie = lie if len(pauses) < 6 else None
        if len(pauses) == 8:
            raise Stop

    with pytest.raises(Stop):
        keeper.every(60.0, told, lambda seconds: None)
    usual = [60, 120, 240, 480, 600, 600, 60, 60]
    assert all(0.9 <= pause / mean <= 1.1 for pause, mean in zip(pauses, usual, strict=True))


def test_keep__pool_that_the_node_refuses_to_show__does_not_stop_the_others(
    settling: Keeping,
) -> None:
    k = settling
    first, second = k.kept(), k.kept(k.other)

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_call" and first.address.lower()[2:] in str(params[0]).lower():
            raise NodeError(3, "out of gas")
        return result

    k.node.lie = lie
    ended = k.once(first, second)
    assert ended.counts["failed"] == 1
    assert k.said()[0] == ("look()", "failed")
    assert k.problems[0] == "rpc: node: eth_call: out of gas"


def test_keep__many_pools__each_is_looked_at(settling: Keeping) -> None:
    k = settling
    looked: list[int] = []
    keeper = k.keeper(k.kept(), k.kept(k.other))
    keeper._looking = looked.append
    keeper.once()
    assert looked == [1, 2]
    assert {outcome.step.kept.address for outcome in k.told} == {k.pool}


def test_keep__chain_that_rests__is_asked_about_the_block_to_come(settling: Keeping) -> None:
    """Where blocks come only with transactions, the latest says nothing of what is due now."""
    k = settling
    tags: list[str] = []

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_call":
            tags.append(params[1])
        return result

    k.node.lie, keeper = lie, k.keeper()
    tags.clear()
    keeper._clock = lambda: k.chain.time + 121
    keeper.once()
    assert "pending" in tags
    assert not any(tag.startswith("0x") for tag in tags)


def test_keep__what_is_over__is_not_asked_about_again_for_a_while(k: Keeping) -> None:
    """But not for ever: a block may have been taken back."""
    k.create(people=range(10, 16))
    k.a.start()
    claimant, *voters = k.people
    k.a.award(claimant, 500, voters)
    k.a.reporting_end()
    keeper = k.keeper()
    keeper.once()
    keeper.once()

    def calls() -> int:
        before = k.node.calls["eth_call"]
        keeper.once()
        return k.node.calls["eth_call"] - before

    assert calls() == 2  # summary, next_action
    keeper._passes = 99
    assert calls() > 2
    assert calls() == 2


def test_node_account__second_keeper__pays_its_own(settling: Keeping) -> None:
    k = settling
    k.keeper(sender=k.sender(NodeAccount(SECOND_KEEPER))).once()
    assert {sent.fields["from"] for sent in k.node.sent} == {SECOND_KEEPER}
    assert k.chain.balance(SECOND_KEEPER.lower()) == RICH  # gas is free on the chain of the tests
