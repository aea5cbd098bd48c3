"""A partner of the SIAO declares a household ready for housing; the SIAO confirms it, or says why not (duty C5)."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille
from contracts.privacy import Classe
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.pret_logement import (
    MotifRetrait,
    PretLogementActualise,
    PretLogementDeclare,
    PretLogementDiffuse,
    PretLogementRepondu,
    PretLogementRetire,
)
from router.domain.books import message_at
from router.domain.deadlines import running_of
from router.domain.described import declared_by
from router.domain.messages import facts_of
from router.domain.partners import Registry
from router.domain.rights import rights
from router.domain.rulebooks.pret_logement import Etat, MenagePret
from router.domain.rules.effects import Effects
from tests.unit.router.domain.monde import CENTRE, JOUR, REGISTRE, SIAO, Monde, ident, menage, partner

DDETS, CCAS = "ddets", "ccas"
MENAGE = ident("ménage")
DECLARED = PretLogementDeclare(menage=menage(), departement="01", communes=("01053",), evaluee_le=JOUR)
CONFIRMED = PretLogementRepondu(menage=MENAGE, reponse="CONFIRMEE")
REFUSED = PretLogementRepondu(menage=MENAGE, reponse="REFUSEE", motif_refus="SANS_EVALUATION")


def monde(*declarants: Famille) -> Monde:
    """A world whose SIAO lets these families declare households, and whose prefect's services read the list."""
    entries = {**REGISTRE.partners}
    entries[SIAO] = entries[SIAO].model_copy(update={"declarants": declarants})
    entries[CENTRE] = entries[CENTRE].model_copy(update={"dialecte_sortant": "hebergement_json"})
    others = (partner(DDETS, Famille.CONTINGENT), partner(CCAS, Famille.PRESCRIPTEUR))
    return Monde(Registry.of([*entries.values(), *others]))


@pytest.fixture
def asked() -> Monde:
    """The centre has declared a household, and the SIAO has not answered."""
    there = monde(Famille.HEBERGEMENT)
    assert there.dit(CENTRE, DECLARED).recipients == (SIAO,)
    return there


def household(there: Monde) -> MenagePret:
    found = there.subjects[MENAGE]
    assert isinstance(found, MenagePret)
    return found


def spread(there: Monde, effects: Effects) -> Effects:
    (news,) = (each for each in effects.derived if isinstance(each, PretLogementDiffuse))
    return there.hub_dit(news)


def test_a_declared_household_is_on_no_list_until_its_siao_confirms_it(asked: Monde) -> None:
    before = household(asked)
    assert (before.etat, before.lecteurs, before.emetteur) == (Etat.A_CONFIRMER, (), SIAO)
    confirmed = asked.dit(SIAO, CONFIRMED)
    assert (confirmed.recipients, confirmed.change) == ((CENTRE,), None)
    listed = spread(asked, confirmed)
    assert listed.recipients == (DDETS,)
    assert listed.change is not None
    assert (listed.change.event, set(listed.change.readers)) == (before.decrit_par, {SIAO, DDETS})
    after = household(asked)
    assert (after.etat, after.attendus, after.declarant) == (Etat.DECLARE, (DDETS,), None)


def test_a_refused_declaration_goes_back_to_its_author_with_its_motive_and_may_be_made_anew(
    asked: Monde,
) -> None:
    refused = asked.dit(SIAO, REFUSED)
    assert (refused.recipients, refused.derived, refused.change) == ((CENTRE,), (), None)
    assert household(asked).etat is Etat.RETIRE
    assert asked.dit(CENTRE, DECLARED).recipients == (SIAO,)
    assert household(asked).etat is Etat.A_CONFIRMER


@pytest.mark.parametrize("answer", [CONFIRMED, REFUSED, DECLARED], ids=["confirmed", "refused", "declared"])
def test_the_siao_answers_although_the_partner_has_left_the_registry(asked: Monde, answer: Contrat) -> None:
    asked.registry = Registry.of([p for p in asked.registry.partners.values() if p.id != CENTRE])
    answered = asked.dit(SIAO, answer)
    for news in answered.derived:
        asked.hub_dit(news)
    after = household(asked)
    assert (after.etat, after.declarant) == (Etat.RETIRE if answer is REFUSED else Etat.DECLARE, None)
    assert after.attendus == (() if answer is REFUSED else (DDETS,))


def test_an_older_message_than_the_refusal_of_a_declaration_has_no_effect(asked: Monde) -> None:
    asked.dit(SIAO, REFUSED.model_copy(update={"version": 5}))
    assert asked.dit(SIAO, DECLARED.model_copy(update={"version": 4})).outcome == (
        "sans_effet",
        "plus_ancien",
    )


def test_the_siao_is_reminded_of_a_declaration_and_alerted_twice(asked: Monde) -> None:
    deadline = running_of(household(asked), asked.registry)[Echeance.DECLARATION]
    for etape in Etape:
        (alert,) = asked.hub_dit(message_at(household(asked), deadline, etape)).derived
        assert isinstance(alert, AlerteEcheance)
        assert (alert.emetteur, set(asked.hub_dit(alert).recipients)) == (SIAO, {SIAO})
    asked.now += timedelta(days=2)
    asked.dit(CENTRE, DECLARED)
    again = running_of(household(asked), asked.registry)[Echeance.DECLARATION]
    assert again.started_at == deadline.started_at, "redire ne donne pas plus de temps"
    asked.dit(SIAO, CONFIRMED)
    assert Echeance.DECLARATION not in running_of(household(asked), asked.registry)


def test_a_siao_that_declares_the_household_itself_has_answered(asked: Monde) -> None:
    declared = asked.dit(SIAO, DECLARED)
    assert declared.recipients == (DDETS,)
    (answer,) = declared.derived
    assert answer == CONFIRMED
    assert asked.hub_dit(answer).recipients == (CENTRE,)
    assert asked.hub_dit(answer).outcome == ("sans_effet", "deja_connu")
    assert household(asked).etat is Etat.DECLARE


def test_a_listed_household_stays_as_its_siao_describes_it_and_the_siao_hears_the_partner() -> None:
    there = monde(Famille.HEBERGEMENT)
    there.dit(SIAO, DECLARED)
    before = household(there)
    heard = there.dit(CENTRE, DECLARED.model_copy(update={"communes": ()}))
    assert (heard.recipients, heard.change) == ((SIAO,), None)
    assert household(there) == before


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (CCAS, DECLARED),
        (CCAS, CONFIRMED),
        (CENTRE, CONFIRMED),
        (DDETS, CONFIRMED),
        (CENTRE, PretLogementRetire(menage=MENAGE, motif=MotifRetrait.ERREUR)),
        (CENTRE, PretLogementActualise(menage=menage(), departement="01", evaluee_le=JOUR)),
    ],
    ids=lambda each: getattr(each, "NOM", each),
)
def test_nobody_else_declares_or_confirms_it(asked: Monde, who: str, said: Any) -> None:
    before = household(asked)
    assert asked.dit(who, said).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    assert household(asked) == before


def test_without_a_line_of_the_siao_a_partner_declares_nobody() -> None:
    there = monde()
    assert there.dit(CENTRE, DECLARED).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    assert there.subjects == {}


def test_a_declaration_waits_for_the_registry_if_its_siao_cannot_be_told() -> None:
    there = monde(Famille.HEBERGEMENT)
    siao = there.registry.partners[SIAO].model_copy(update={"sortie": None})
    there.registry = Registry.of([*there.registry.partners.values(), siao])
    with pytest.raises(Unroutable, match="à confirmer"):
        there.dit(CENTRE, DECLARED)


def test_a_forgotten_household_is_no_longer_asked_about(asked: Monde) -> None:
    asked.hub_dit(PretLogementRetire(menage=MENAGE, motif=MotifRetrait.OUBLIE))
    assert (household(asked).etat, household(asked).declarant) == (Etat.RETIRE, None)


def test_the_hub_notes_who_declares_for_the_siao_and_nothing_of_a_siao() -> None:
    forged = DECLARED.model_copy(update={"declarant": "autre"})
    centre, siao = REGISTRE.partners[CENTRE], REGISTRE.partners[SIAO]
    assert declared_by(forged, centre) == DECLARED.model_copy(update={"declarant": CENTRE})
    assert declared_by(forged, siao) == DECLARED


def test_no_reader_of_the_list_may_read_who_declares() -> None:
    said = {"declarant": CENTRE}
    seen = {
        each: rights(each).reduce(Classe.C4, said) for each in facts_of(PretLogementDeclare).beside.around
    }
    assert seen == {Famille.CONTINGENT: {}}
    assert rights(Famille.SIAO).reduce(Classe.C4, said) == said
