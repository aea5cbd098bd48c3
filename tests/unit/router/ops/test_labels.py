"""What people are shown has its words."""

from router.domain.vitals import Contact, Etape
from router.ops.labels import CONTACTS, ETAPES


def test_every_stage_and_every_contact_has_its_words():
    assert set(ETAPES) == set(Etape)
    assert set(CONTACTS) == {*Contact, None}
