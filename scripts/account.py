"""The options --account and --password-file: who signs and pays, and what opens the key."""

import argparse
import os
import sys
from collections.abc import Callable
from getpass import GetPassWarning, getpass
from pathlib import Path
from warnings import catch_warnings, simplefilter

import brownie_home
from peerpool.files import read_text
from peerpool.named import FindError

PASSWORD = "PEERPOOL_PASSWORD"  # noqa: S105 (the name of a variable)
KEYS = brownie_home.HOME / ".brownie" / "accounts"
FIRST = "on a development chain the node's first"


def add_account(parser: argparse.ArgumentParser, who: str, default: str = FIRST) -> None:
    """Add --account and --password-file. who: what the account is for."""
    parser.add_argument(
        "--account",
        help=f"{who}: a name of Brownie's, a key file, or an address of the node's ({default})",
    )
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help=f"of the key (${PASSWORD}, or asked)"
    )


def password_of(options: argparse.Namespace) -> Callable[[str], str]:
    """Return what tells the password of a key by its name, and asks for it only when it must.

    That raises FindError("account: ...") if there is none.
    """

    def password(name: str) -> str:
        if options.password_file:
            return read_text(options.password_file, "account", FindError).rstrip("\r\n")
        told = os.environ.get(PASSWORD) or _asked(f"Password of {name}: ")
        if not told:
            problem = f"give --password-file, or set {PASSWORD}"
            raise FindError(f"account: no password for {name}: {problem}")
        return told

    return password


def _asked(question: str) -> str:
    try:
        with catch_warnings():
            simplefilter("error", GetPassWarning)  # it would go on for three lines
            return getpass(question)
    except GetPassWarning:  # no terminal: then what is piped in, if anything
        return sys.stdin.readline().rstrip("\r\n")
    except EOFError:
        return ""
