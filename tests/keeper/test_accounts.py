"""Who pays: a key in an encrypted file, or an account of the node's."""

import json
from pathlib import Path

import pytest
from eth_account import Account

from peerpool.keeper import KeyAccount, NodeAccount
from peerpool.keeper.accounts import find_account, load
from peerpool.named import FindError
from tests.evm.signing import key
from tests.keeper.conftest import KEEPER, SECOND_KEEPER, Keeping

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Brownie keeps key files: one of the keeper's."""
    folder = tmp_path_factory.mktemp("accounts")
    tree = Account.encrypt(key(80).to_bytes(), PASSWORD, kdf="pbkdf2", iterations=2)
    (folder / "keeper.json").write_text(json.dumps(tree))
    return folder


def password(name: str) -> str:
    """Say the password."""
    assert name.endswith(("keeper", "keeper.json"))
    return PASSWORD


def refused(k: Keeping, name: str | None, folder: Path, chain_id: int = 1) -> str:
    """Return why there is no such account."""
    with pytest.raises(FindError) as caught:
        find_account(name, folder, k.node, chain_id, lambda _: "wrong")
    return str(caught.value)


def test_find__name_of_brownies_or_a_file__is_its_key(k: Keeping, folder: Path) -> None:
    for name in ("keeper", str(folder / "keeper.json")):
        found = find_account(name, folder, k.node, 1, password)
        assert isinstance(found, KeyAccount)
        assert found.address == KEEPER


def test_find__address__is_the_nodes(k: Keeping, folder: Path) -> None:
    found = find_account(SECOND_KEEPER.lower(), folder, k.node, 1, password)
    assert found == NodeAccount(SECOND_KEEPER)


def test_find__nothing_said__is_the_nodes_first_on_a_development_chain(
    k: Keeping, folder: Path
) -> None:
    assert find_account(None, folder, k.node, 31337, password) == NodeAccount(KEEPER)
    assert refused(k, None, folder) == "account: say who pays with --account"


def test_find__what_there_is_not__is_refused(k: Keeping, folder: Path) -> None:
    assert refused(k, "nobody", folder) == "account: Brownie has none called nobody"
    path = folder / "none.json"
    assert refused(k, str(path), folder) == f"account: {path}: no such file"
    stranger = "0x" + "12" * 20
    assert refused(k, stranger, folder) == f"account: the node has not the key of {stranger}"
    k.node.accounts = []
    assert refused(k, None, folder, 31337) == "account: the node has not the key of any"


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_find__file_that_holds_no_key__nobody_is_asked_for_a_password(
    k: Keeping, tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "file.json"
    if text is not None:
        path.write_text(text)
    problem = "no such file" if text is None else "is not a key file"

    def asked(name: str) -> str:
        raise AssertionError(name)

    with pytest.raises(FindError) as caught:
        find_account(str(path), tmp_path, k.node, 1, asked)
    assert str(caught.value) == f"account: {path}: {problem}"


def test_load__wrong_password__is_refused(k: Keeping, folder: Path) -> None:
    path = folder / "keeper.json"
    assert refused(k, "keeper", folder) == f"account: {path}: wrong password"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"crypto": {}, "version": 3}'])
def test_load__anything_else__is_no_key_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(FindError) as caught:
        load(path, lambda: PASSWORD)
    assert str(caught.value) == f"account: {path}: is not a key file"
