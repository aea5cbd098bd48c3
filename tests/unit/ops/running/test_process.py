"""What the processes of a hub hear of each other."""

import subprocess
import sys

from ops.running.process import LISTENERS, heard_by
from router.domain.roles import GROUPS, Role
from router.store.database import (
    AUDIT,
    BACKLOG,
    BULK,
    DEADLINES,
    JOBS,
    KEYS,
    LANES,
    OUTBOX,
    REGISTRY,
    TRIES,
    WATCH,
)


def test_a_process_hears_what_its_roles_wait_for_and_no_more() -> None:
    coming_in, going_out = (set(heard_by(frozenset(group))) for group in GROUPS)
    assert coming_in == {OUTBOX, BULK, JOBS, AUDIT, KEYS, REGISTRY, BACKLOG, WATCH}
    assert going_out == {LANES, TRIES, KEYS, REGISTRY, DEADLINES}


def test_who_has_no_key_is_told_of_no_key_and_everybody_of_the_registry() -> None:
    assert heard_by({Role.RELAY}) == [OUTBOX, REGISTRY]
    assert all(REGISTRY in heard_by({role}) for role in Role)
    assert set(heard_by(set(Role))) == LISTENERS.keys()


WORKS = """
import sys, ops.running.process
from router.settings import TraceSettings
from router.telemetry.traces import exporting_traces, span
with exporting_traces(TraceSettings(), "worker"), span("apply", "CONSUMER", None):
    print(*sys.modules)
"""


def test_what_few_roles_or_no_traces_need_is_imported_by_those_alone() -> None:
    told = subprocess.run([sys.executable, "-c", WORKS], capture_output=True, text=True, check=True)
    heavy = {"fastapi", "faststream", "asyncssh", "typer", "opentelemetry.sdk"}
    assert heavy & {*told.stdout.split()} == set()
