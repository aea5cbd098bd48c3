"""A refused key that was a partner's is noted, however many that were nobody's are tried."""

from router.intake.key_uses import KeyUses
from router.settings import DatabaseSettings
from router.store.database import Database


def test_a_retired_key_is_noted_beside_any_number_of_guessed_ones() -> None:
    uses = KeyUses(Database(DatabaseSettings()))
    uses.retired = frozenset({"retirée"})
    for n in range(2000):
        assert not uses.note_if_removed(f"devinée {n}")
    assert uses.note_if_removed("retirée")
    assert list(uses._refused) == ["retirée"]
