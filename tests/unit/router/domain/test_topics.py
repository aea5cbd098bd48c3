"""The bus: every message has a topic, and none keeps it longer than 30 days."""

from datetime import timedelta

import pytest

from contracts.base import Nature
from contracts.errors import InvalidContract
from contracts.topics import TOPICS
from contracts.v1 import CONTRATS
from router.domain.messages import topic_of
from tests.rows import each_row


@each_row("nature", Nature)
def test_all_that_is_said_of_a_subject_travels_on_one_topic_but_receipts_and_alerts(nature: Nature) -> None:
    said = [kind for kind, contrat in CONTRATS.items() if contrat.NATURE is nature]
    assert len({topic_of(kind).groupe for kind in said} - {"livraison", "alerte"}) <= 1


@each_row("event_type", [kind for kind, contrat in CONTRATS.items() if contrat.DOMAINE != "echeance"])
def test_every_message_but_of_a_deadline_has_the_topic_of_its_group_and_a_place_has_its_own(
    event_type: str,
) -> None:
    contrat = CONTRATS[event_type]
    of_places = contrat.NATURE in (Nature.PLACE, Nature.GROUPE_PLACES)
    assert topic_of(event_type).groupe == ("offre" if of_places else contrat.DOMAINE)


def test_no_topic_is_without_messages() -> None:
    assert {topic_of(event_type).groupe for event_type in CONTRATS} == TOPICS.keys()


def test_no_topic_keeps_anything_longer_than_30_days() -> None:
    assert all(timedelta() < topic.retention <= timedelta(days=30) for topic in TOPICS.values())


def test_two_installations_on_one_broker_share_no_topic() -> None:
    here = {topic.name("siao-59") for topic in TOPICS.values()}
    there = {topic.name("siao-62") for topic in TOPICS.values()}
    assert len(here) == len(TOPICS)
    assert here.isdisjoint(there)


@each_row("event_type", ["", "fr.siao.offre", "fr.siao.inconnu.place.vacante.v1", "offre", "a.b.c.d"])
def test_a_type_of_no_topic_is_an_invalid_contract(event_type: str) -> None:
    with pytest.raises(InvalidContract, match="aucun topic"):
        topic_of(event_type)
