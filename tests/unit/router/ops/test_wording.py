"""Every state that people are shown has its words."""

from router.domain.subjects import TYPES
from router.domain.vitals import Contact, Etape
from router.ops.wording import CONTACTS, ETAPES, SUJETS


def test_every_state_of_a_subject_has_its_word():
    tables = [kind.MACHINE.table for kind in TYPES if kind.MACHINE]
    assert {str(target) for table in tables for target in table.values()} <= SUJETS.keys()


def test_every_stage_and_every_contact_has_its_words():
    assert set(ETAPES) == set(Etape)
    assert set(CONTACTS) == {*Contact, None}
