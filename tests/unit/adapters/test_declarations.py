"""What dialects declare is what they do, and every message of a partner can come in by one of them."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from adapters.declaration import JEU, MEDIA_TYPES, cannot_carry
from adapters.objets import Objet
from adapters.registry import ADAPTERS, EVENTS_IN_JSON, TABULAIRES, declaration, dialects_as_data
from contracts.errors import Unroutable
from contracts.partner import Famille
from contracts.ports import View
from contracts.v1 import CONTRATS
from contracts.v1.acte import EvenementActe
from contracts.v1.orientation import OrientationProposee
from router.domain.messages import FACTS, THE_HUB
from router.domain.parts import Party
from tests.rows import each_row
from tests.unit.adapters.partenaires import ABRI, every_event, minimal

EVENTS = every_event()
READ = {contrat for dialecte in ADAPTERS.values() for contrat in dialecte.DECLARATION.lit}
WRITERS = [nom for nom in ADAPTERS if declaration(nom).ecrit]


def test_every_message_is_read_by_a_dialect_or_sent_by_the_hub():
    unread = {
        kind.NOM for kind, facts in FACTS.items() if kind not in READ and Party.HUB not in facts.said_by
    }
    assert unread == set(), "aucun dialecte ne lit ces messages : ajoutez-les à ses ENTRANTS (adapters/)"


def test_no_dialect_reads_a_message_that_only_the_hub_sends():
    assert {kind.NOM for kind in READ if FACTS[kind].said_by == THE_HUB} == set()


def fields_with_a_word(table: Objet) -> set[str]:
    """Return the fields of a contract that a table reads or writes."""
    inner = [each for each in table.champs.values() if isinstance(each, Objet) and each.cible is None]
    own = {str(each.cible).split(".")[0] for each in table.champs.values() if each.cible is not None}
    return own.union(*map(fields_with_a_word, inner))


@each_row("nom", EVENTS_IN_JSON)
def test_a_dialect_has_a_word_for_every_field_that_its_messages_cannot_do_without(nom):
    dialecte = EVENTS_IN_JSON[nom]
    for evenement, contrat in {**dialecte.entrants, **dialecte.sortants}.items():
        needed = {name for name, field in contrat.model_fields.items() if field.is_required()}
        if issubclass(contrat, EvenementActe):
            needed = needed - {contrat.SUJET} | {"numero"}
        wordless = sorted(needed - fields_with_a_word(dialecte.tables[evenement]))
        assert not wordless, (
            f"{nom}, « {evenement} » : un mot pour chacun de ces champs dans sa table (adapters/)"
        )


@each_row("dialecte", ADAPTERS)
def test_a_dialect_writes_what_it_declares_and_nothing_else(dialecte):
    for event in EVENTS:
        if cannot_carry(declaration(dialecte), [type(event.contrat)]):
            with pytest.raises(Unroutable):
                ADAPTERS[dialecte].encode([event], View(ABRI))
        else:
            assert ADAPTERS[dialecte].encode([event], View(ABRI)).body


@each_row("dialecte", WRITERS)
def test_a_dialect_takes_as_many_events_as_it_declares(dialecte):
    said = declaration(dialecte)
    one = minimal(said.ecrit[0])
    assert ADAPTERS[dialecte].encode([one] * min(said.ecrit_au_plus, 3), View(ABRI)).body
    for several in ([], [one] * (said.ecrit_au_plus + 1)):
        with pytest.raises(ValueError, match=r"message a body|make a file"):
            ADAPTERS[dialecte].encode(several, View(ABRI))


@each_row(
    ("dialecte", "profil"),
    [(nom, profil) for nom in WRITERS for profil in getattr(TABULAIRES.get(nom), "profils", (None,))],
)
def test_a_referral_to_several_places_names_each_of_them(dialecte, profil):
    said = declaration(dialecte, profil)
    if OrientationProposee not in said.ecrit:
        return
    referral = minimal(OrientationProposee)
    places = tuple(UUID(int=number) for number in (91, 92, 93))
    several = referral.contrat.model_copy(update={"place": places[0], "autres_places": places[1:]})
    partner = ABRI.model_copy(update={"profil": profil})
    view = View(partner, {place: f"CH-{place.int}" for place in places})
    body = ADAPTERS[dialecte].encode([replace(referral, contrat=several)], view).body
    named = [
        str(place) if declaration(dialecte).familles == (Famille.SIAO,) else view.ids[place]
        for place in places
    ]
    assert [name for name in named if name.encode() not in body] == []


@each_row("dialecte", WRITERS)
def test_a_dialect_writes_the_format_that_it_declares(dialecte):
    said = declaration(dialecte)
    native = ADAPTERS[dialecte].encode([minimal(said.ecrit[0])], View(ABRI))
    (written,) = said.formats_ecrits
    assert written == JEU or str(native.filename).endswith(f".{written}")
    assert bool(native.avant) == (written == JEU)
    assert native.media_type.startswith(MEDIA_TYPES[written])


@each_row("dialecte", ADAPTERS)
def test_a_dialect_is_known_by_the_name_that_it_gives_itself(dialecte):
    assert declaration(dialecte).nom == dialecte
    assert declaration(dialecte).familles


def test_a_dialect_that_only_reads_says_so():
    for said in (declaration(nom) for nom in ADAPTERS if nom not in WRITERS):
        assert (said.ecrit, said.formats_ecrits, said.ecrit_au_plus) == ((), (), 0)


def test_a_profile_declares_itself_where_an_entry_names_it():
    for nom, dialecte in TABULAIRES.items():
        for profil in dialecte.profils:
            assert declaration(nom, profil).nom == nom
    assert declaration("bailleur_xml", "hebergement_gestion") == declaration("bailleur_xml")


def test_what_a_recipient_would_never_get_is_named_before_it_is_missed():
    said = declaration("hebergement_csv")
    wanted = ["place.vacante", "orientation.proposee", "alerte.conflit"]
    contrats = [contrat for contrat in CONTRATS.values() for name in wanted if f".{name}." in contrat.TYPE]
    assert cannot_carry(said, contrats) == ["place.vacante", "alerte.conflit"]
    assert cannot_carry(declaration("si_siao_json"), contrats[:1]) == []


def test_the_whole_can_be_shown_as_data():
    shown = json.loads(json.dumps(dialects_as_data()))
    assert [entry["dialecte"] for entry in shown] == sorted(ADAPTERS)
    first = declaration(shown[0]["dialecte"])
    assert shown[0]["ecrit"] == [contrat.NOM for contrat in first.ecrit]
