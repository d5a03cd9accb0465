"""Runs a script of this folder as a command with arguments of its own, which `brownie run` has not.

    bin/peerpool deploy pools/bicycle.toml --yes --network local

A command is a module here with a docstring, which `--help` lists, and `def main(*arguments: str)`.
Before main is called the project is loaded (brownie.project.get_loaded_projects()) and the network
connected (brownie.accounts, brownie.web3), unless the arguments ask for --help. What Brownie prints
goes to stderr: stdout belongs to the command. A module that says HAS_CHAIN = True gets a new chain
where no network is named; any other must be told one, because what it does there is to last. A
module that says NEEDS_CHAIN = False gets none of this: it takes no --network, and Brownie is not
even imported.
`brownie run deploy main -- pools/bicycle.toml --yes` calls the same main, with "--" in front.

A mistake of the person at the keyboard is one line and a non-zero exit code: argparse's, a
PeerpoolError, a contract's refusal, a file that is not there. Anything else is a mistake of ours,
and shows where.
"""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from difflib import get_close_matches
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import ModuleType

from peerpool.errors import PeerpoolError
from scripts.networks import URL, Network, choose, define, split

ROOT = Path(__file__).resolve().parent.parent
USAGE = "usage: bin/peerpool COMMAND [ARGUMENT ...] [--network NAME or URL]"
COMPILING = "Compiling the contracts; later only what changes"
NETWORKS = f"""
bin/peerpool COMMAND --help tells more. Networks: local (a node on port 8545), what
`brownie networks list` shows, or the URL of a node; anvil and ganache are new chains, gone when the
command ends. Without --network it is the node of ${URL}; demo and gas take a new chain."""


class CommandError(PeerpoolError):
    """A command line that names nothing we have: `subject: problem`."""


def main(*arguments: str) -> None:
    """The command line; exits with 1 and a line on stderr if it cannot be done."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE + "\n")
        for name, purpose in commands().items():
            print(f"  {name:<12} {purpose}")
        print(NETWORKS)
        return
    try:
        name, (rest, given) = _known(arguments[0]), split(arguments[1:])
        if _says(name, "NEEDS_CHAIN = False"):
            if given is not None:
                raise CommandError(f"--network: {name} takes none; {_instead(name)}")
            _module(name).main(*rest)
            return
        has_chain = _says(name, "HAS_CHAIN = True")
        if {"-h", "--help"} & set(rest):
            try:
                _module(name).main(*rest)
            finally:
                where = "a new chain" if has_chain else f"the node of ${URL}"
                print(f"\n  --network NAME or URL  ({where}); `bin/peerpool --help` tells more")
            return
        with _connected(name, choose(name, given, has_chain)) as module:
            module.main(*rest)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if (line := _mistake(error)) is None:
            raise
        sys.exit(line)


def commands() -> dict[str, str]:
    """The commands there are, and what they are for, without importing them."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if "main" in functions and path != Path(__file__):
            purpose = ast.get_docstring(tree) or ""
            found[path.stem.replace("_", "-")] = purpose.partition("\n")[0]
    return found


def _known(name: str) -> str:
    names = list(commands())
    if name in names:
        return name
    close = get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
    raise CommandError(f"{name}: no such command; {hint}")


def _module(name: str) -> ModuleType:
    return import_module(f"scripts.{name.replace('-', '_')}")


def _says(name: str, text: str) -> bool:
    """Whether a command has a line that begins so: importing it may take a loaded project."""
    source = (ROOT / "scripts" / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    return f"\n{text}" in source


def _instead(name: str) -> str:
    if _says(name, "from scripts.at_node import"):
        return f"name its node with --rpc URL, or set {URL}"
    return f"`bin/peerpool {name} --help`"


@contextmanager
def _connected(name: str, wanted: Network) -> Iterator[ModuleType]:
    from brownie import network, project
    from brownie._config import CONFIG

    CONFIG.argv.update(cli="run", network=wanted.name, silent=True)
    define(wanted)
    with redirect_stdout(_Compiling()):
        loaded = project.load(ROOT, "MainProject")
    loaded.load_config()
    loaded._add_to_main_namespace()  # for `from brownie import Pool`
    with redirect_stdout(StringIO()):
        network.connect(wanted.name)
    try:
        yield _module(name)
    finally:
        if network.is_connected():
            with redirect_stdout(StringIO()):
                network.disconnect()


class _Compiling(StringIO):
    """Takes what Brownie tells of each contract, and says instead that it takes a while."""

    def write(self, text: str) -> int:
        if not self.tell():
            print(COMPILING, file=sys.stderr, flush=True)
        return super().write(text)


def _mistake(error: Exception) -> str | None:
    """The line for a mistake that is not ours."""
    if "brownie" in sys.modules:
        from brownie.exceptions import RPCConnectionError, RPCProcessError, VirtualMachineError

        if isinstance(error, VirtualMachineError):
            return error.revert_msg or getattr(error, "message", "reverted without a reason")
        if isinstance(error, RPCConnectionError | RPCProcessError):
            return "network: the new chain does not start; start a node, and give its URL"
    if isinstance(error, PeerpoolError):
        return str(error)
    if "vyper" in sys.modules:
        from vyper.exceptions import VyperException

        if isinstance(error, VyperException):
            return str(error)
    if isinstance(error, FileNotFoundError) and error.filename in ("anvil", "ganache"):
        return f"{error.filename}: not installed; `make setup` does, or install Foundry"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, ConnectionError):
        return f"network: {error}"
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
