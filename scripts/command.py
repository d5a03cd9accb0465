"""Runs a script of this folder as a command with arguments of its own, which `brownie run` has not.

    bin/peerpool deploy pools/bicycle.toml --yes --network local

A command is a module here with a docstring, which `--help` lists, and `def main(*arguments: str)`.
Before main is called the project is loaded (brownie.project.get_loaded_projects()) and the network
connected (brownie.accounts, brownie.web3), unless the arguments ask for --help. What Brownie prints
goes to stderr: stdout belongs to the command. A module that says NEEDS_CHAIN = False gets none of
this: it takes no --network, and Brownie is not even imported.
`brownie run deploy main -- pools/bicycle.toml --yes` calls the same main, with "--" in front.

A mistake of the person at the keyboard is one line and a non-zero exit code: argparse's, a
PeerpoolError, a contract's refusal, a file that is not there. Anything else is a mistake of ours,
and shows where.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from difflib import get_close_matches
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import ModuleType

from peerpool.errors import PeerpoolError

ROOT = Path(__file__).resolve().parent.parent
USAGE = "usage: bin/peerpool COMMAND [ARGUMENT ...] [--network NAME or URL]"


class CommandError(PeerpoolError):
    """A command line that names nothing we have: `subject: problem`."""


def main(*arguments: str) -> None:
    """The command line; exits with 1 and a line on stderr if it cannot be done."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE + "\n")
        for name, purpose in commands().items():
            print(f"  {name:<12} {purpose}")
        print("\nbin/peerpool COMMAND --help tells more. Networks: anvil (the default: a new chain")
        print("for the command alone), ganache, local (a node on port 8545), and what")
        print("`brownie networks list` shows.")
        return
    try:
        name, (rest, network) = _known(arguments[0]), _without_network(arguments[1:])
        if not _needs_chain(name):
            if network is not None:
                raise CommandError(f"--network: {name} takes none; `bin/peerpool {name} --help`")
            _module(name).main(*rest)
            return
        if {"-h", "--help"} & set(rest):
            try:
                _module(name).main(*rest)
            finally:
                print("\n  --network NAME or URL  where; `bin/peerpool --help` tells more")
            return
        with _connected(name, network) as module:
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


def _without_network(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    rest, network = list(arguments), None
    for i, argument in enumerate(rest):
        if argument.startswith("--network="):
            network = argument.partition("=")[2]
            del rest[i]
            break
        if argument == "--network":
            if len(rest) == i + 1:
                raise CommandError("--network: name one, or give its URL")
            network = rest[i + 1]
            del rest[i : i + 2]
            break
    return rest, network


def _module(name: str) -> ModuleType:
    return import_module(f"scripts.{name.replace('-', '_')}")


def _needs_chain(name: str) -> bool:
    """Read without importing, which may take a loaded project."""
    source = (ROOT / "scripts" / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    return "\nNEEDS_CHAIN = False\n" not in source


@contextmanager
def _connected(name: str, wanted: str | None) -> Iterator[ModuleType]:
    from brownie import network, project
    from brownie._config import CONFIG

    CONFIG.argv.update(cli="run", network=wanted, silent=True)
    _define(wanted)
    with redirect_stdout(sys.stderr):
        loaded = project.load(ROOT, "MainProject")
    loaded.load_config()
    loaded._add_to_main_namespace()  # for `from brownie import Pool`
    with redirect_stdout(StringIO()):
        network.connect(wanted)
    try:
        yield _module(name)
    finally:
        if network.is_connected():
            with redirect_stdout(StringIO()):
                network.disconnect()


def _define(wanted: str | None) -> None:
    """See to it that Brownie knows the network, and that somebody answers there."""
    from brownie._config import CONFIG
    from web3 import HTTPProvider, Web3

    import_module("brownie_hooks")  # the project's own networks
    settings = CONFIG.networks.get(wanted or "development")
    if settings is None and wanted and "://" in wanted:
        settings = {"id": wanted, "name": wanted, "host": wanted, "timeout": 120}
        CONFIG.networks[wanted] = settings
    if settings is None:
        raise CommandError(f"--network {wanted}: unknown; `brownie networks list` shows all")
    if "cmd" not in settings:
        node = Web3(HTTPProvider(settings["host"]))
        if not node.is_connected():
            raise CommandError(f"--network {wanted}: nobody answers at {settings['host']}")
        settings["chainid"] = str(node.eth.chain_id)


def _mistake(error: Exception) -> str | None:
    """The line for a mistake that is not ours."""
    if "brownie" in sys.modules:
        from brownie.exceptions import VirtualMachineError

        if isinstance(error, VirtualMachineError):
            return error.revert_msg or getattr(error, "message", "reverted without a reason")
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
