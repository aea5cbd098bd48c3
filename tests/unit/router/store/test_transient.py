"""Which failures of PostgreSQL may be over at the next attempt, and which are the fault of what was sent."""

import socket
import ssl

import asyncpg
import pytest

from contracts.errors import BusUnavailable
from router.domain.vitals import Answer
from router.store.database import AWAY, answer_of, decided, is_transient
from tests.rows import each_row


@each_row(
    "failure",
    [
        asyncpg.ReadOnlySQLTransactionError,
        asyncpg.ConnectionDoesNotExistError,
        asyncpg.DeadlockDetectedError,
        asyncpg.SerializationError,
        asyncpg.DiskFullError,
        asyncpg.TooManyConnectionsError,
        asyncpg.LockNotAvailableError,
        asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError,
        asyncpg.QueryCanceledError,
        asyncpg.IdleInTransactionSessionTimeoutError,
        asyncpg.PostgresIOError,
        asyncpg.InterfaceError,
        asyncpg.InvalidCachedStatementError,
    ],
)
def test_a_server_that_is_away_full_busy_read_only_or_just_migrated_may_do_it_later(
    failure: type[Exception],
) -> None:
    assert is_transient(failure(""))


@each_row(
    "failure",
    [
        asyncpg.DataError,
        asyncpg.UniqueViolationError,
        asyncpg.CharacterNotInRepertoireError,
        asyncpg.NumericValueOutOfRangeError,
        asyncpg.UndefinedTableError,
        asyncpg.InsufficientPrivilegeError,
        ValueError,
    ],
)
def test_what_it_refuses_for_what_it_is_it_refuses_again(failure: type[Exception]) -> None:
    assert not is_transient(failure(""))


@each_row(
    ("failure", "is_ours_to_wait_for"),
    [
        (asyncpg.UndefinedTableError, True),
        (asyncpg.UndefinedColumnError, True),
        (asyncpg.UndefinedFunctionError, True),
        (asyncpg.InvalidSchemaNameError, True),
        (asyncpg.InsufficientPrivilegeError, True),
        (asyncpg.InvalidPasswordError, True),
        (asyncpg.InvalidCatalogNameError, True),
        (asyncpg.DatatypeMismatchError, False),
        (asyncpg.PostgresSyntaxError, False),
    ],
)
def test_what_is_missing_is_waited_for_and_a_wrong_statement_is_not(
    failure: type[Exception], is_ours_to_wait_for: bool
) -> None:
    assert isinstance(decided(failure("")), AWAY) == is_ours_to_wait_for


@pytest.mark.parametrize("failure", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError])
def test_transactions_in_each_others_way_are_not_told_as_a_server_that_does_not_answer(
    failure: type[Exception],
) -> None:
    told = decided(failure(""))
    assert isinstance(told, BusUnavailable)
    assert "l'une des deux recommence" in str(told)
    assert "ne répond pas" in str(decided(asyncpg.AdminShutdownError("")))


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "nom du serveur PostgreSQL est inconnu"),
        (asyncpg.InvalidCatalogNameError(""), "pas de base de ce nom"),
    ],
)
def test_a_wrong_address_is_told_as_such(failure: Exception, words: str) -> None:
    assert words in str(decided(failure))


@each_row(
    ("failure", "answer"),
    [
        (asyncpg.ReadOnlySQLTransactionError, Answer.LECTURE_SEULE),
        (asyncpg.CannotConnectNowError, Answer.LECTURE_SEULE),
        (asyncpg.AdminShutdownError, Answer.LECTURE_SEULE),
        (asyncpg.CrashShutdownError, Answer.LECTURE_SEULE),
        (asyncpg.TooManyConnectionsError, Answer.PLEIN),
        (asyncpg.DiskFullError, Answer.PLEIN),
        (asyncpg.OutOfMemoryError, Answer.PLEIN),
        (asyncpg.UndefinedTableError, Answer.VIDE),
        (asyncpg.UndefinedColumnError, Answer.VIDE),
        (asyncpg.UndefinedFunctionError, Answer.VIDE),
        (asyncpg.InvalidSchemaNameError, Answer.VIDE),
        (asyncpg.InsufficientPrivilegeError, Answer.REFUSE),
        (asyncpg.InvalidPasswordError, Answer.REFUSE),
        (asyncpg.InvalidCatalogNameError, Answer.REFUSE),
        (ssl.SSLError, Answer.REFUSE),
        (ConnectionRefusedError, Answer.ABSENT),
        (TimeoutError, Answer.MUET),
        (asyncpg.QueryCanceledError, Answer.MUET),
        (asyncpg.ConnectionDoesNotExistError, Answer.MUET),
        (asyncpg.InterfaceError, Answer.MUET),
    ],
)
def test_only_a_server_that_takes_no_writes_is_said_to_be_read_only(
    failure: type[Exception], answer: Answer
) -> None:
    assert answer_of(failure("")) is answer
