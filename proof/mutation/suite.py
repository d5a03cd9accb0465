"""The tests, collected once; each mutant meets them in a process forked from this one."""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from unittest.mock import patch

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from peerpool.compiled import Artefact
from tests.evm import contract

Message = dict[str, Any]
MOST_MEMORY = 4 << 30
LONGEST_COMPILATION = 120.0  # seconds
# A failure is enough: that it could be told more shortly takes minutes.
settings.register_profile("mutation", phases=(Phase.explicit, Phase.generate), database=None)


class TookTooLong(Exception):
    """A child that said nothing for as long as it may."""


@dataclass
class Suite:
    """Collected tests by name."""

    items: dict[str, pytest.Item]

    def run(self, names: Sequence[str]) -> Iterator[tuple[str, bool, float]]:
        """Run tests here, in order; give name, whether it passed, and its seconds."""
        items = [self.items[name] for name in names]
        for item, following in zip(items, [*items[1:], None], strict=True):
            began = time.monotonic()
            reports = runtestprotocol(item, log=False, nextitem=following)
            yield item.nodeid, all(r.passed for r in reports), time.monotonic() - began


def with_suite(paths: Sequence[str], work: Callable[[Suite], None]) -> None:
    """Collect the tests and work with them.

    Raises:
        SystemExit: a test file is faulty.
    """

    class Plugin:
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            if session.testsfailed:
                raise SystemExit("mutation: tests cannot be collected")
            gc.collect()
            gc.freeze()  # forked children leave the pages of what is here alone
            work(Suite({item.nodeid: item for item in session.items}))
            return True

    settings.load_profile("mutation")
    options = "-qq -s -p no:pytest-brownie -p no:cacheprovider --hypothesis-seed=0 -o addopts="
    if status := pytest.main([*options.split(), *paths], plugins=[Plugin()]):
        raise SystemExit(int(status))


def use(contracts: dict[str, Artefact]) -> None:
    """Let tests in this process, and those forked from it, have these contracts, by path."""
    compiled = contract.compile_contract
    patch.object(contract, "compile_contract", lambda p: contracts.get(p) or compiled(p)).start()


class Child:
    """A fork of this process that does something and tells of it in messages."""

    def __init__(self, work: Callable[[Child], None]) -> None:
        ours, theirs = socket.socketpair()
        self._pid = os.fork()
        self._socket = ours if self._pid else theirs
        (theirs if self._pid else ours).close()
        self._file = self._socket.makefile("rw")
        if not self._pid:
            self._work(work)

    def _work(self, work: Callable[[Child], None]) -> NoReturn:
        status = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            work(self)
            status = 0
        finally:
            sys.stderr.flush()
            os._exit(status)

    def tell(self, **message: Any) -> None:
        """Send a message to the other side."""
        self._file.write(json.dumps(message) + "\n")
        self._file.flush()

    def hear(self, seconds: float | None = None) -> Message | None:
        """Return the next message; none if the other side has ended.

        Raises:
            TookTooLong: there was none in time.
        """
        self._socket.settimeout(seconds)
        try:
            line = self._file.readline()
        except TimeoutError:
            raise TookTooLong from None
        except ConnectionError:
            return None
        return json.loads(line) if line else None

    def end(self) -> None:
        """Stop the child if it is not done."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._file.close()
        self._socket.close()
