"""Run the tests in several processes (`-n`). Each is a fork of the one that has collected them, because importing and
collecting all tests takes as long as hundreds of them.

A process takes one module after another, because the tests of a module may share a hub.
"""

import atexit
import sys
from collections.abc import Iterator
from itertools import chain, groupby, pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import ModuleType
from typing import Any

import pytest

FORKS = get_context("fork")
ENDED = ""
"""The test that a process runs when it has run all of its own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    options = parser.getgroup("general")
    options._addoption(  # the public method keeps short options in lower case for pytest itself
        "-n", dest="processes", type=int, default=0, help="run the tests in so many processes; 0: in this one"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Hand out the modules and report the results of their tests until all are done."""
    options = session.config.option
    if not options.processes or options.collectonly or session.testsfailed:
        return None
    numbers = range(len(session.items))
    modules = [[*each] for _, each in groupby(numbers, key=lambda number: session.items[number].path)]
    at_work = dict[Any, str]()
    for _ in range(min(options.processes, len(modules))):
        ours, theirs = FORKS.Pipe()
        FORKS.Process(target=_work, args=(session, theirs, [*at_work, ours])).start()
        theirs.close()
        at_work[ours] = "its first test"
    while at_work:
        talking: list[Any] = wait([*at_work])
        for line in talking:
            try:
                match line.recv():
                    case None:
                        line.send(modules.pop(0) if modules and not session.shouldfail else [])
                    case str(test):
                        at_work[line] = test
                    case data:
                        _report(session.config, data)
            except EOFError:
                if test := at_work.pop(line):
                    session.shouldfail = f"a process of the tests ended during {test}"
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    return True


def _report(config: pytest.Config, data: dict[str, Any]) -> None:
    report = config.hook.pytest_report_from_serializable(config=config, data=data)
    config.hook.pytest_runtest_logreport(report=report)


def _work(session: pytest.Session, line: Connection, of_others: list[Connection]) -> None:
    """Run modules in this fork until there are no more."""
    for other in of_others:
        other.close()  # each side of a line then sees the end of the other
    atexit._clear()
    sys.modules["__main__"] = ModuleType("__main__")  # or else each process that a test spawns imports pytest
    plugins = session.config.pluginmanager
    plugins.unregister(name="terminalreporter")
    plugins.register(_Reports(session.config, line))
    capture: Any = plugins.getplugin("capturemanager")
    capture.stop_global_capturing()  # into files that all forks share
    capture.start_global_capturing()
    capture.suspend_global_capture()
    for item, following in pairwise(chain(_given(session, line), [None])):
        assert item is not None
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    line.send(ENDED)
    atexit._run_exitfuncs()


def _given(session: pytest.Session, line: Connection) -> Iterator[pytest.Item]:
    """Ask for one module after another, and give their tests."""
    line.send(None)
    while numbers := line.recv():
        yield from (session.items[number] for number in numbers)
        line.send(None)


class _Reports:
    """A plugin that sends the results of tests to the process that prints them."""

    def __init__(self, config: pytest.Config, line: Connection) -> None:
        self._config, self._line = config, line

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._line.send(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook
        self._line.send(hook.pytest_report_to_serializable(config=self._config, report=report))
