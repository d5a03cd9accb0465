"""Reinsuring: a deposit, a look and a redemption by command; who is turned away, who is killed."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from brownie import ZERO_ADDRESS, web3
from brownie._config import CONFIG
from rich.console import Console

from peerpool import abi, chain, deployment
from peerpool.deployment import DeployError
from peerpool.ledger.codec import call
from peerpool.units import ETHER, format_amount, format_date
from scripts import once, reinsure
from scripts.core import Core

from .. import on_every_asset
from ..clock import at
from ..layers import reinsured
from ..stage import Stage
from .deploying import Boundaries, Killed, Ran, mine_from_now_on

Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where journals of pools without a manifest go."""
    monkeypatch.setattr(reinsure, "DEPLOYMENTS", tmp_path / "deployments")
    return tmp_path / "deployments" / str(web3.eth.chain_id)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of tables are not broken."""
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture(scope="module")
def stage(make_stage: Any, stages: Any, asset: Any, members: Any, deployer: Any) -> Iterator[Stage]:
    """A pool of six that enrols, with empty layers of 300 and 200; and a deployer who has 500.

    The deployer is whose account the command takes where none is named.
    """
    stage = make_stage(members, **reinsured(asset.unit))
    if hasattr(asset, "token"):
        asset.token.mint(deployer, 500 * asset.unit, {"from": deployer})
    yield stage
    stages.remove(stage)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs the command; a mistake is its exit code and a line."""

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code, said = 0, ""
        try:
            reinsure.main(*map(str, arguments))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
            said = "" if isinstance(end.code, int | None) else str(end.code)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err + said)

    return run


def amount(stage: Stage, number: int) -> str:
    """So much of the pool's asset, as a person writes it."""
    asset = chain.read_asset(web3, stage.terms.asset)
    return format_amount(number * stage.u, asset)


def shares(stage: Stage, account: Any, number: int = 1) -> int:
    """How many shares of a layer an account has."""
    return stage.layer(number).balanceOf(account)


def refused(ran: Ran, line: str) -> None:
    """Check that the run ended with this line and nothing else on stdout."""
    assert (ran.code, ran.err.splitlines()[-1], ran.out) == (1, line, "")


# --- deposit ----------------------------------------------------------------


@on_every_asset
def test_deposit__gives_the_shares_and_leaves_no_allowance(
    stage: Stage, command: Command, deployer: Any, folder: Path
) -> None:
    ran = command("deposit", stage.pool, 1, amount(stage, 200), "--yes", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    receipt = web3.eth.get_transaction_receipt(told.pop("transaction"))
    assert receipt["to"] == stage.layer().address
    assert told == {
        "pool": stage.pool.address,
        "done": "deposited",
        "layer": 1,
        "assets": str(200 * stage.u),
        "shares": str(200 * stage.u),
        "receiver": deployer.address,
    }
    assert shares(stage, deployer) == stage.pool.layer(1)["filled"] == 200 * stage.u
    if hasattr(stage.asset, "token"):
        assert stage.asset.token.allowance(deployer, stage.layer()) == 0
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_deposit__shows_what_it_earns_and_can_lose_and_asks(
    stage: Stage, command: Command, monkeypatch: pytest.MonkeyPatch, buyer: Any
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("y\n"))
    ran = command("deposit", stage.pool, 1, amount(stage, 150), "--receiver", buyer)
    assert ran.code == 0, ran.err
    # 30 for 300; the fewest members pay 3 * 50, of which 10 % are 15, to layers that cost 40
    for text in (
        "0.15 ETH of the premiums, if all stays as it is",
        "0.05625 ETH with the fewest members and every layer full",
        "0.15 ETH at most",
        "1.5 ETH: all of it",
        f"from {format_date(stage.terms.expiry + stage.terms.reporting_period)} on",
        "for losses above 5.55 ETH, if all stays as it is",
        "Deposit it? It cannot be taken back before. [y/N]",
    ):
        assert text in ran.err
    assert ran.out.startswith(f"deposited 1.5 ETH into layer 1, 1.5 LAYER1 for {buyer}: 0x")
    assert shares(stage, buyer) == 150 * stage.u


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_deposit__not_agreed__sends_nothing(
    stage: Stage, command: Command, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(answer))
    block = web3.eth.block_number
    ran = command("deposit", stage.pool, 1, amount(stage, 150))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith("[y/N] reinsure: cancelled, nothing sent")
    assert web3.eth.block_number == block


def test_deposit__dry_run__shows_and_sends_nothing(
    stage: Stage, command: Command, deployer: Any, folder: Path
) -> None:
    block = web3.eth.block_number
    ran = command("deposit", stage.pool, 2, amount(stage, 200), "--dry-run")
    assert ran.out == (
        f"would have deposited 2 ETH into layer 2, 2 LAYER2 for {deployer.address}\n"
    )
    assert "all of it" in ran.err
    assert web3.eth.block_number == block
    assert not folder.exists()


def test_deposit__pool_by_its_manifest__journal_lies_beside_it(
    stage: Stage, command: Command, tmp_path: Path, deployer: Any, folder: Path
) -> None:
    manifest = tmp_path / "elsewhere" / "pool.json"
    manifest.parent.mkdir()
    kept = {"pool": {"address": stage.pool.address}, "chain_id": web3.eth.chain_id}
    manifest.write_text(json.dumps(kept))
    assert command("deposit", manifest, 1, amount(stage, 10), "--yes").code == 0
    assert shares(stage, deployer) == 10 * stage.u
    assert sorted(path.name for path in manifest.parent.iterdir()) == [".lock", "pool.json"]
    assert not folder.exists()


def test_deposit__what_cannot_be__is_refused_before_anything_is_sent(
    stage: Stage, command: Command, reinsurer: Any
) -> None:
    stage.fill(reinsurer, 290 * stage.u)
    block, pool = web3.eth.block_number, stage.pool
    for number, layers in ((0, "1 to 2"), (3, "1 to 2"), (-1, "1 to 2")):
        ran = command("deposit", pool, number, amount(stage, 1))
        refused(ran, f"reinsure: no layer {number}: the pool has {layers}")
    refused(
        command("deposit", pool, 1, amount(stage, 11)),
        "reinsure: above the limit of layer 1: 0.1 ETH more fit in",
    )
    refused(command("deposit", pool, 1, "0 ETH"), "reinsure: nothing to deposit")
    refused(command("deposit", pool, 1, "1 EUR"), 'amount: "1 EUR" is not in ETH')
    refused(
        command("deposit", pool, 1, amount(stage, 1), "--receiver", "0x12"),
        'address: "0x12" is not 0x and 40 hex digits',
    )
    refused(
        command("deposit", pool, 1, amount(stage, 1), "--account", "nobody"),
        "account: Brownie has none called nobody",
    )
    refused(
        command("deposit", reinsurer, 1, amount(stage, 1)),
        f"pool: {reinsurer} has no code on chain 31337",
    )
    assert web3.eth.block_number == block


def test_deposit__layer_is_full__is_refused(stage: Stage, command: Command, reinsurer: Any) -> None:
    stage.fill(reinsurer, 300 * stage.u)
    line = "reinsure: above the limit of layer 1: it is full"
    refused(command("deposit", stage.pool, 1, amount(stage, 1)), line)


def test_deposit__too_little_money__is_refused(
    stage: Stage, command: Command, deployer: Any, monkeypatch: pytest.MonkeyPatch, payer: Any
) -> None:
    payer.transfer(deployer, payer.balance() - 100 * stage.u)
    monkeypatch.setattr(reinsure, "payer", lambda _: payer)
    has = format_amount(int(payer.balance()), ETHER)
    line = f"reinsure: {payer} has {has}, 2 ETH needed"
    refused(command("deposit", stage.pool, 1, amount(stage, 200)), line)


@pytest.mark.parametrize("asset", ["6 decimals"], indirect=True)
def test_deposit__too_little_of_the_token__is_refused(
    stage: Stage, command: Command, monkeypatch: pytest.MonkeyPatch, payer: Any
) -> None:
    monkeypatch.setattr(reinsure, "payer", lambda _: payer)
    line = f"reinsure: {payer} has 0 TEUR, 2 TEUR needed"
    refused(command("deposit", stage.pool, 1, amount(stage, 2)), line)


def test_deposit__for_the_zero_address__is_refused(stage: Stage, command: Command) -> None:
    arguments = ("deposit", stage.pool, 1, amount(stage, 1), "--yes", "--receiver", ZERO_ADDRESS)
    refused(command(*arguments), "reinsure: the receiver is the zero address")


@pytest.mark.parametrize("asset", ["6 decimals"], indirect=True)
def test_deposit__no_ether_for_gas__is_refused_in_a_line(
    stage: Stage, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poor(*_: object, **__: object) -> None:
        raise ValueError("Insufficient funds for gas * price + value")

    monkeypatch.setattr("brownie.network.contract.ContractTx.__call__", poor)
    problem = "transaction: the node refuses: Insufficient funds for gas * price + value"
    refused(command("deposit", stage.pool, 1, amount(stage, 1), "--yes"), problem)


def test_deposit__somebody_else_than_the_reinsurer__is_refused(
    make_stage: Callable[..., Stage], command: Command, asset: Any, deployer: Any, reinsurer: Any
) -> None:
    stage = make_stage(reinsurer=reinsurer.address, **reinsured(asset.unit))
    arguments = ("deposit", stage.pool, 1, amount(stage, 1), "--yes")
    refused(command(*arguments), f"reinsure: {deployer} is not the reinsurer {reinsurer}")
    assert command(*arguments, "--receiver", reinsurer).code == 0
    assert shares(stage, reinsurer) == stage.u


def test_deposit__after_enrolling__is_refused(stage: Stage, command: Command) -> None:
    stage.start()
    line = f"reinsure: deposits are over: cover was to begin at {format_date(chain.now(web3))}"
    refused(command("deposit", stage.pool, 1, amount(stage, 1)), line)


def test_deposit__pool_without_layers__is_refused(
    make_stage: Callable[..., Stage], command: Command, asset: Any
) -> None:
    plain = make_stage()
    refused(
        command("deposit", plain.pool, 1, amount(plain, 1)),
        "reinsure: no layer 1: the pool has no layers",
    )
    one = make_stage(**reinsured(asset.unit, (300,), (30,)))
    refused(
        command("deposit", one.pool, 2, amount(one, 1)),
        "reinsure: no layer 2: the pool has layer 1 alone",
    )


@pytest.mark.parametrize("asset", ["6 decimals"], indirect=True)
@pytest.mark.parametrize("allowed, approvals", [(0, 1), (7, 2), (5, 0)])
def test_deposit__allowance_from_before__is_made_exact(
    stage: Stage, command: Command, deployer: Any, allowed: int, approvals: int
) -> None:
    token, layer = stage.asset.token, stage.layer()
    if allowed:
        token.approve(layer, allowed * stage.u, {"from": deployer})
    block = web3.eth.block_number
    assert command("deposit", stage.pool, 1, amount(stage, 5), "--yes").code == 0
    assert web3.eth.block_number == block + approvals + 1
    assert token.allowance(deployer, layer) == 0


# --- killed -----------------------------------------------------------------

BOUNDARIES = 5  # journal, transaction, what came of it, that it is told, journal removed


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch, command: Command) -> Callable[..., None]:
    """Return a function that runs the command and kills it before a boundary."""

    def run(fatal: int, *arguments: object) -> None:
        boundaries = Boundaries(fatal)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(deployment, "write_text", boundaries.before(deployment.write_text))
            patch.setattr(once, "broadcast", boundaries.before(once.broadcast))
            patch.setattr(reinsure, "outcome", boundaries.before(reinsure.outcome))
            patch.setattr(reinsure.Act, "_tell", boundaries.before(reinsure.Act._tell))
            patch.setattr(deployment.Journal, "close", boundaries.before(deployment.Journal.close))
            with pytest.raises(Killed):
                command(*arguments)

    return run


@pytest.mark.parametrize("asset", ["Ether", "6 decimals"], indirect=True)
@pytest.mark.parametrize("fatal", range(BOUNDARIES))
def test_deposit__killed_before__running_again_deposits_once(
    stage: Stage,
    command: Command,
    dies: Callable[..., None],
    deployer: Any,
    folder: Path,
    fatal: int,
) -> None:
    arguments = ("deposit", stage.pool, 1, amount(stage, 100), "--yes")
    dies(fatal, *arguments)
    ran = command(*arguments)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("deposited ")
    assert ("an earlier run, which was killed, did it; nothing sent now" in ran.err) == (fatal > 1)
    assert shares(stage, deployer) == 100 * stage.u
    assert [path.name for path in folder.iterdir()] == [".lock"]
    assert command(*arguments).code == 0  # the first one is told: this is another
    assert shares(stage, deployer) == 200 * stage.u


def test_deposit__killed_and_asked_for_another__tells_the_first_and_sends_nothing(
    stage: Stage, command: Command, dies: Callable[..., None], deployer: Any
) -> None:
    dies(2, "deposit", stage.pool, 1, amount(stage, 100), "--yes")
    ran = command("deposit", stage.pool, 2, amount(stage, 50), "--yes")
    assert ran.code == 1
    assert ran.out.startswith("deposited 1 ETH into layer 1")
    assert ran.err == (
        "reinsure: an earlier run, which was killed, asked to deposit 1 ETH into layer 1 for"
        f" {deployer}: see above; run this again"
    )
    assert (shares(stage, deployer), shares(stage, deployer, 2)) == (100 * stage.u, 0)
    assert command("deposit", stage.pool, 2, amount(stage, 50), "--yes").code == 0
    assert shares(stage, deployer, 2) == 50 * stage.u


@pytest.mark.parametrize("dropped", [False, True])
def test_deposit__killed_while_pending__deposits_once(
    stage: Stage, command: Command, deployer: Any, no_mining: None, dropped: bool
) -> None:
    arguments = ("deposit", stage.pool, 1, amount(stage, 100), "--yes")

    def killed(_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(once, "_wait", killed)
        # On a development chain the toolchain does not return before a transaction is mined.
        patch.setattr(type(CONFIG), "network_type", "live")
        with pytest.raises(Killed):
            command(*arguments)
    assert len(web3.eth.get_block("pending")["transactions"]) == 1
    if dropped:
        web3.provider.make_request("anvil_dropAllTransactions", [])
    Timer(0.3, mine_from_now_on).start()
    assert command(*arguments).code == 0
    assert shares(stage, deployer) == 100 * stage.u


def test_deposit__layer_fills_while_asking__fails_and_can_be_made_smaller(
    stage: Stage,
    command: Command,
    deployer: Any,
    reinsurer: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(_: str) -> bool:
        return bool(stage.fill(reinsurer, 250 * stage.u))

    monkeypatch.setattr(reinsure, "agreed", slow)
    ran = command("deposit", stage.pool, 1, amount(stage, 100))
    assert ran.code == 1
    assert ran.err.endswith("reinsure: layer: above its limit")
    assert command("deposit", stage.pool, 1, amount(stage, 50), "--yes").code == 0
    assert shares(stage, deployer) == 50 * stage.u


def test_deposit__journal_of_another_chain__counts_for_nothing(
    stage: Stage, command: Command, dies: Callable[..., None], deployer: Any, folder: Path
) -> None:
    arguments = ("deposit", stage.pool, 1, amount(stage, 100), "--yes")
    dies(2, *arguments)
    path = folder / f"{stage.pool}.reinsure.{deployer}.json"
    kept = json.loads(path.read_text())
    kept["about"]["genesis"] = "0x00"
    path.write_text(json.dumps(kept))
    assert command(*arguments).code == 0
    assert shares(stage, deployer) == 200 * stage.u


def test_deposit__journal_of_another_real_chain__is_refused(
    stage: Stage,
    command: Command,
    dies: Callable[..., None],
    deployer: Any,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = ("deposit", stage.pool, 1, amount(stage, 100), "--yes")
    dies(2, *arguments)
    path = folder / f"{stage.pool}.reinsure.{deployer}.json"
    path.write_text(path.read_text().replace(chain.genesis(web3), "0x00"))
    monkeypatch.setattr(once, "_is_development", lambda: False)
    refused(command(*arguments), f"deploy: {path} is of another chain with the same id")


def test_call_once__nonce_was_used_for_another__fails(
    stage: Stage, deployer: Any, outsider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    backing = reinsure.Backing.of(stage.pool.address, 1)

    def another(sender: Any, nonce: int, *_: object) -> str:
        return str(sender.transfer(outsider, 1, nonce=nonce, silent=True).txid)

    monkeypatch.setattr(once, "broadcast", another)
    with pytest.raises(DeployError, match=r"^transaction: 0x[0-9a-f]{64} failed$"):
        reinsure.deposit(backing, stage.u, deployer, deployer.address)


# --- status -----------------------------------------------------------------


@pytest.fixture
def caught(stage: Stage, claimant: Any, neighbour: Any, reinsurer: Any, buyer: Any) -> None:
    """A year that goes through 530 of funds, layer 1 (300) and 70 of the 100 in layer 2.

    40 due to full layers, of 600 in premiums 60 at most: 30 and 5 are ceded.
    """
    stage.fill(reinsurer, 200 * stage.u)
    stage.fill(buyer, 100 * stage.u)
    stage.fill(buyer, 100 * stage.u, 2)
    stage.start()
    funds = 570 - 35
    stage.decide(stage.file(claimant, 600 * stage.u), 10)
    stage.decide(stage.file(neighbour, (funds + 300 + 70 - 600) * stage.u), 10)


def test_status__not_bound_yet__agrees_with_the_lens(
    stage: Stage, core: Core, command: Command, reinsurer: Any
) -> None:
    tree = _agrees(stage, core, command)
    assert tree["collectable"] == str(570 * stage.u)
    stage.fill(reinsurer, 200 * stage.u)
    for phase in ("enrolling", "active"):
        tree = _agrees(stage, core, command)
        assert tree["phase"] == phase
        assert tree["collectable"] == str((570 - 20 + 200) * stage.u)
        stage.start()


def test_status__cancelled__agrees_with_the_lens(
    make_stage: Callable[..., Stage], core: Core, command: Command, asset: Any, reinsurer: Any
) -> None:
    stage = make_stage(**reinsured(asset.unit))
    stage.fill(reinsurer, 200 * stage.u)
    stage.start()
    assert _agrees(stage, core, command)["collectable"] == "0"


def test_status__drawn_settled__agrees_with_the_lens(
    stage: Stage, caught: None, core: Core, command: Command, donor: Any
) -> None:
    tree = _agrees(stage, core, command)
    assert [row["drawn"] for row in tree["layers"]] == [str(300 * stage.u), str(70 * stage.u)]
    stage.pool.recover(2, 40 * stage.u, stage.pay(donor, 40 * stage.u))
    tree = _agrees(stage, core, command)
    assert tree["collectable"] == str(70 * stage.u)
    assert tree["layers"][1]["drawn"] == str(30 * stage.u)
    stage.settle()
    tree = _agrees(stage, core, command)
    assert tree["collectable"] == "0"


def _agrees(stage: Stage, core: Core, command: Command) -> dict[str, Any]:
    """Check the command's JSON against the lens; return it."""
    theirs = call(
        web3, abi.load("PoolLens"), core.lens.address, "tower", stage.pool.address, block="latest"
    )
    tree = json.loads(command("status", stage.pool, "--json").out)
    assert tree["collectable"] == str(theirs["collectable"])
    assert tree["collectable_per_member"] == str(theirs["per_member"])
    names = ("shares", "limit", "premium", "filled", "ceded", "drawn", "assets")
    for row, told in zip(tree["layers"], theirs["layers"], strict=True):
        assert {name: row[name] for name in names} == {
            name: str(told["layer"][name]) for name in names
        }
        assert (row["attachment"], row["left"]) == (str(told["attachment"]), str(told["left"]))
        assert row["rate_on_line_bps"] == told["rate_on_line_bps"]
    return tree


def test_status__a_table_for_anybody(stage: Stage, caught: None, command: Command) -> None:
    ran = command("status", stage.pool)
    assert (ran.code, ran.err) == (0, "")
    lines = [line.split() for line in ran.out.splitlines() if line.strip()]
    assert lines[0] == f"Bicycles of Elm Street, {stage.pool}".split()
    [second] = [line for line in lines if line[0] == "2"]
    [first] = [line for line in lines if line[0] == "1"]
    assert lines.index(second) < lines.index(first)
    assert second == ["2", "0", "2", "1", "0.7", "0.3", "0.05", "5", "%", "█▒▒▒▒·····"]
    assert first == ["1", "0", "3", "3", "3", "0", "0.3", "10", "%", "▒▒▒▒▒▒▒▒▒▒"]
    assert "active, 6 members, 0 ETH in the funds" in ran.out
    assert "collectable: 0.3 ETH, 0.05 ETH a member" in ran.out


def test_status__without_layers(make_stage: Callable[..., Stage], command: Command) -> None:
    stage = make_stage()
    assert "no layers: when the funds are used up, awards are cut" in (
        command("status", stage.pool).out
    )


def test_tower_table__fits_a_terminal(stage: Stage, caught: None) -> None:
    _, tower = reinsure.read_tower(stage.pool.address)
    console = Console(width=80, force_terminal=False)
    with console.capture() as captured:
        console.print(reinsure.tower_table(tower))
    assert ["2", "0", "2", "1", "0.7", "0.3", "0.05", "5", "%", "█▒▒▒▒·····"] in [
        line.split() for line in captured.get().splitlines()
    ]


# --- redeem -----------------------------------------------------------------


@on_every_asset
def test_redeem__all__sends_what_the_shares_are_worth(
    stage: Stage, caught: None, command: Command, monkeypatch: pytest.MonkeyPatch, buyer: Any
) -> None:
    stage.settle()
    monkeypatch.setattr(reinsure, "payer", lambda _: buyer)
    for number, worth in ((1, 10), (2, 35)):  # 30 * 100 / 300; 30 left and 5 ceded
        before = stage.balance(buyer)
        ran = command("redeem", stage.pool, number, "--yes", "--json")
        told = json.loads(ran.out)
        assert (told["done"], told["assets"]) == ("redeemed", str(worth * stage.u))
        assert told["shares"] == str(100 * stage.u)
        receipt = web3.eth.get_transaction_receipt(told["transaction"])
        gas = 0
        if not hasattr(stage.asset, "token"):
            gas = receipt["gasUsed"] * receipt["effectiveGasPrice"]
        assert stage.balance(buyer) == before + worth * stage.u - gas
        refused(
            command("redeem", stage.pool, number),
            f"reinsure: nothing to redeem: {buyer} has 0 LAYER{number}",
        )


def test_redeem__some_to_somebody_else__after_asking(
    stage: Stage,
    caught: None,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    reinsurer: Any,
    heir: Any,
) -> None:
    stage.settle()
    monkeypatch.setattr(reinsure, "payer", lambda _: reinsurer)
    monkeypatch.setattr("sys.stdin", StringIO("yes\n"))
    before = heir.balance()
    ran = command("redeem", stage.pool, 1, "1.5 LAYER1", "--receiver", heir)
    assert ran.out.startswith(f"redeemed 0.15 ETH from layer 1, for 1.5 LAYER1, to {heir}: 0x")
    question = "Redeem? What is repaid to the layer later is for the shares left then. [y/N]"
    assert question in ran.err
    assert heir.balance() == before + 15 * stage.u
    assert shares(stage, reinsurer) == 50 * stage.u
    line = f"reinsure: {reinsurer} has 0.5 LAYER1, not 0.51 LAYER1"
    refused(command("redeem", stage.pool, 1, "0.51 LAYER1"), line)
    line = f"reinsure: nothing to redeem: {reinsurer} has 0.5 LAYER1"
    refused(command("redeem", stage.pool, 1, "0 LAYER1"), line)
    line = 'amount: "1 ETH" is not in LAYER1'
    refused(command("redeem", stage.pool, 1, "1 ETH"), line)


def test_redeem__dry_run__sends_nothing(
    stage: Stage, caught: None, command: Command, monkeypatch: pytest.MonkeyPatch, buyer: Any
) -> None:
    stage.settle()
    monkeypatch.setattr(reinsure, "payer", lambda _: buyer)
    block = web3.eth.block_number
    ran = command("redeem", stage.pool, 2, "--dry-run")
    assert ran.out == (f"would have redeemed 0.35 ETH from layer 2, for 1 LAYER2, to {buyer}\n")
    assert web3.eth.block_number == block


def test_redeem__bound__tells_from_when_on(
    stage: Stage, caught: None, command: Command, monkeypatch: pytest.MonkeyPatch, buyer: Any
) -> None:
    monkeypatch.setattr(reinsure, "payer", lambda _: buyer)
    ends = stage.terms.expiry + stage.terms.reporting_period
    line = f"reinsure: collateral is bound until the pool is settled, from {format_date(ends)} on"
    for second in (chain.now(web3), stage.terms.expiry, ends - 10):
        at(second)
        refused(command("redeem", stage.pool, 1), line)
    at(ends)
    refused(
        command("redeem", stage.pool, 1),
        "reinsure: collateral is bound until the pool is settled: anybody can, once all claims are"
        " decided and paid",
    )


def test_redeem__enrolling__tells_both_ends(stage: Stage, command: Command, deployer: Any) -> None:
    stage.fill(deployer, stage.u)
    ends = format_date(stage.terms.expiry + stage.terms.reporting_period)
    refused(
        command("redeem", stage.pool, 1),
        f"reinsure: collateral is bound until {format_date(stage.terms.cover_start)} if fewer than"
        f" 3 members join by then, else until the pool is settled, from {ends} on",
    )


def test_redeem__cancelled_pool__gives_all_back(
    make_stage: Callable[..., Stage], asset: Any, command: Command, deployer: Any, claimant: Any
) -> None:
    stage = make_stage([claimant], **reinsured(asset.unit))
    assert command("deposit", stage.pool, 1, amount(stage, 7), "--yes").code == 0
    stage.start()
    told = json.loads(command("redeem", stage.pool, 1, "--yes", "--json").out)
    assert told["assets"] == str(7 * stage.u)


def test_redeem__killed_after_sending__running_again_finds_it(
    stage: Stage,
    caught: None,
    command: Command,
    dies: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    buyer: Any,
) -> None:
    stage.settle()
    monkeypatch.setattr(reinsure, "payer", lambda _: buyer)
    arguments = ("redeem", stage.pool, 1, "0.4 LAYER1", "--yes")
    dies(2, *arguments)
    ran = command(*arguments)
    assert ran.code == 0
    assert ran.out.startswith("redeemed 0.04 ETH from layer 1, for 0.4 LAYER1")
    assert shares(stage, buyer) == 60 * stage.u


def test_redeem__receiver_takes_nothing__is_told(
    stage: Stage,
    caught: None,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    buyer: Any,
    deployer: Any,
    WalletThatRejects: Any,
) -> None:
    stage.settle()
    wallet = deployer.deploy(WalletThatRejects)
    monkeypatch.setattr(reinsure, "payer", lambda _: buyer)
    ran = command("redeem", stage.pool, 1, "--receiver", wallet, "--yes")
    assert ran.code == 1
    assert ran.err.endswith("reinsure: layer: transfer failed")
    assert shares(stage, buyer) == 100 * stage.u
