"""What the hub says of a row at its front door, in the oracle's words."""

import pytest

from simulation.fates import of_row
from simulation.oracle import Fate
from tests.rows import each_row


def message(etat, *deliveries, raison=None):
    livraisons = [{"partenaire": "siao-59", "etat": each, "erreur": None} for each in deliveries]
    event = {"ligne": 2, "etat": etat, "raison": raison, "livraisons": livraisons}
    return {"etat": "accepte", "evenements": [event]}


@each_row(
    ("etat", "deliveries", "fate"),
    [
        ("accepte", [], Fate.OPEN),
        ("quarantaine", [], Fate.OPEN),
        ("sans_effet", [], Fate.REFUSED),
        ("anomalie", [], Fate.REFUSED),
        ("applique", ["en_attente"], Fate.OPEN),
        ("applique", ["en_vol"], Fate.OPEN),
        ("applique", ["incertaine"], Fate.OPEN),
        ("applique", ["deposee"], Fate.OPEN),
        ("applique", ["refusee"], Fate.REFUSED),
        ("applique", ["oubliee"], Fate.REFUSED),
        ("applique", ["livree"], Fate.GONE),
        ("applique", ["refusee", "livree"], Fate.GONE),
        ("applique", ["incertaine", "livree"], Fate.GONE),
        ("applique", ["refusee", "en_attente"], Fate.OPEN),
        ("applique", [], Fate.GONE),
    ],
)
def test_the_fate_of_a_row(etat, deliveries, fate):
    assert of_row(message(etat, *deliveries), 2).fate is fate


def test_that_the_115_knows_of_a_place_makes_nothing_arrive_at_the_siao_that_refused_it():
    told = message("applique", "refusee")
    told["evenements"][0]["livraisons"].append({"partenaire": "le-115", "etat": "livree", "erreur": None})
    assert of_row(told, 2).fate is Fate.REFUSED


def test_that_another_recipient_has_a_row_makes_nothing_arrive_at_its_own():
    told = message("applique", "en_attente")
    told["evenements"][0]["livraisons"].append({"partenaire": "escale", "etat": "livree", "erreur": None})
    assert of_row(told, 2).fate is Fate.GONE
    assert of_row(told, 2, {"escale"}).fate is Fate.OPEN


def test_a_row_of_which_the_hub_has_no_event_is_gone():
    assert of_row(message("applique", "en_attente"), 3).fate is Fate.GONE


@pytest.mark.parametrize(("events", "fate"), [(1, Fate.OPEN), (2, Fate.GONE)])
def test_an_event_that_the_bus_gave_back_without_its_row_is_known_where_it_is_the_only_one(events, fate):
    given_back: dict[str, object] = {"ligne": None, "etat": "quarantaine", "raison": None, "livraisons": []}
    assert of_row({"etat": "accepte", "evenements": [given_back] * events}, 1).fate is fate


def test_a_message_that_is_still_being_decoded_is_open():
    assert of_row({"etat": "en_cours", "evenements": []}, 1).fate is Fate.OPEN


def test_the_hubs_own_words_are_kept():
    assert "illegale" in of_row(message("anomalie", raison="transition_illegale"), 2).why
