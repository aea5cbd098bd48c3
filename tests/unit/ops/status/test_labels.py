"""What people are shown has its words."""

from ops.status.labels import CONTACTS, ETAPES
from router.domain.vitals import Contact, Etape


def test_every_stage_and_every_contact_has_its_words():
    assert set(ETAPES) == set(Etape)
    assert set(CONTACTS) == {*Contact, None}
