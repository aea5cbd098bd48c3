"""A partner of the SIAO declares a household ready for housing; the SIAO confirms it, or says why not (duty C5)."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille
from contracts.privacy import Classe
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.attribution import BailSigne, CandidaturePresentee, DecisionCommission
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
from router.domain.rulebooks.pret_logement import SUR_LA_LISTE, Etat, MenagePret
from router.domain.rules.effects import Effects
from tests.unit.router.domain.monde import (
    BAILLEUR,
    CENTRE,
    JOUR,
    REGISTRE,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    partner,
)

DDETS, CCAS = "ddets", "ccas"
MENAGE = ident("ménage")
DECLARED = PretLogementDeclare(menage=menage(), departement="01", communes=("01053",), evaluee_le=JOUR)
TAKEN_BACK = PretLogementRetire(menage=MENAGE, motif=MotifRetrait.PAS_ENCORE_PRET)
CONFIRMED = PretLogementRepondu(menage=MENAGE, reponse="CONFIRMEE")
PRESENTED = CandidaturePresentee(
    candidature=ident("candidature"),
    menage=menage(),
    bailleur=SIRET,
    canal="CONTINGENT",
)
GRANTED = DecisionCommission(candidature=PRESENTED.candidature, resultat="ATTRIBUTION", commission_le=JOUR)
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


def test_a_household_declared_again_before_the_answer_is_listed_as_last_described(asked: Monde) -> None:
    again = DECLARED.model_copy(update={"communes": ("01004",)})
    assert asked.dit(CENTRE, again).recipients == (SIAO,)
    described = household(asked).decrit_par
    listed = spread(asked, asked.dit(SIAO, CONFIRMED))
    assert listed.change is not None
    assert (listed.change.event, household(asked).communes) == (described, ("01004",))


def test_its_declarant_takes_it_back_before_the_answer_and_the_siao_is_told(asked: Monde) -> None:
    taken = asked.dit(CENTRE, TAKEN_BACK)
    assert (taken.recipients, taken.derived, taken.change) == ((SIAO,), (), None)
    assert (household(asked).etat, household(asked).declarant) == (Etat.RETIRE, None)
    assert Echeance.DECLARATION not in running_of(household(asked), asked.registry)
    assert asked.dit(CENTRE, TAKEN_BACK).outcome == ("sans_effet", "deja_connu")
    assert asked.dit(CENTRE, DECLARED).recipients == (SIAO,)
    assert household(asked).etat is Etat.A_CONFIRMER, "il le déclare de nouveau"


def test_a_confirmation_that_comes_after_the_withdrawal_lists_nobody_and_the_siao_knows(asked: Monde) -> None:
    asked.dit(CENTRE, TAKEN_BACK)
    confirmed = asked.dit(SIAO, CONFIRMED)
    assert confirmed.outcome == ("anomalie", MotifAnomalie.TRANSITION_ILLEGALE)
    (alert,) = confirmed.derived
    assert asked.hub_dit(alert).recipients == (SIAO,)
    assert household(asked).etat is Etat.RETIRE
    assert asked.dit(SIAO, DECLARED).recipients == (DDETS,), "il peut le déclarer lui-même"


def test_a_withdrawal_that_comes_after_the_confirmation_takes_nobody_off_the_list_and_the_siao_decides(
    asked: Monde,
) -> None:
    spread(asked, asked.dit(SIAO, CONFIRMED))
    before = household(asked)
    taken = asked.dit(CENTRE, TAKEN_BACK)
    assert (taken.recipients, taken.derived, taken.change) == ((SIAO,), (), None)
    assert household(asked) == replace(before, declare_par=None)
    assert asked.dit(SIAO, TAKEN_BACK).recipients == (DDETS,)
    assert household(asked).etat is Etat.RETIRE


def test_a_siao_that_updates_the_household_has_confirmed_it(asked: Monde) -> None:
    updated = asked.dit(SIAO, PretLogementActualise(menage=menage(), departement="01", evaluee_le=JOUR))
    assert (updated.recipients, updated.derived) == ((DDETS,), (CONFIRMED,))
    assert asked.hub_dit(CONFIRMED).recipients == (CENTRE,)
    assert (household(asked).etat, household(asked).declarant) == (Etat.DECLARE, None)


@pytest.mark.parametrize(
    ("motif", "why", "etat"),
    [
        (MotifRetrait.PAS_ENCORE_PRET, "PAS_ENCORE_PRET", Etat.RETIRE),
        (MotifRetrait.DEPART_DU_TERRITOIRE, "HORS_TERRITOIRE", Etat.RETIRE),
        (MotifRetrait.ERREUR, "AUTRE", Etat.RETIRE),
        (MotifRetrait.RELOGE, "AUTRE", Etat.RELOGE),
    ],
)
def test_a_siao_that_withdraws_the_household_has_refused_it(
    asked: Monde, motif: MotifRetrait, why: str, etat: Etat
) -> None:
    withdrawn = asked.dit(SIAO, PretLogementRetire(menage=MENAGE, motif=motif))
    assert (withdrawn.recipients, withdrawn.change) == ((), None), "il n'est sur aucune liste"
    (answer,) = withdrawn.derived
    assert answer == PretLogementRepondu(menage=MENAGE, reponse="REFUSEE", motif_refus=why)
    assert asked.hub_dit(answer).recipients == (CENTRE,)
    assert (household(asked).etat, household(asked).declarant) == (etat, None)


def test_a_siao_that_presents_the_household_has_confirmed_it_and_its_readers_receive_it(asked: Monde) -> None:
    asked.now += timedelta(days=4)
    presented = asked.dit(SIAO, PRESENTED)
    answer, spread_out = (each for each in presented.derived if each.NATURE is CONFIRMED.NATURE)
    assert answer == CONFIRMED
    assert asked.hub_dit(answer).recipients == (CENTRE,)
    listed = asked.hub_dit(spread_out)
    assert listed.recipients == (DDETS,)
    assert listed.change is not None
    assert (household(asked).etat, household(asked).declarant) == (Etat.PRESENTE, None)
    assert household(asked).decrit_le == asked.now, "il est prêt depuis ce jour"


def test_a_household_that_signs_a_lease_is_asked_about_no_longer_and_its_declarant_knows() -> None:
    there = monde(Famille.HEBERGEMENT)
    there.dit(SIAO, PRESENTED)
    there.dit(CENTRE, DECLARED)
    there.dit(BAILLEUR, GRANTED)
    signed = there.dit(BAILLEUR, BailSigne(candidature=PRESENTED.candidature, signature_le=JOUR))
    (answer,) = (each for each in signed.derived if each.NATURE is CONFIRMED.NATURE)
    assert answer == PretLogementRepondu(menage=MENAGE, reponse="REFUSEE", motif_refus="AUTRE")
    assert there.hub_dit(answer).recipients == (CENTRE,)
    assert (household(there).etat, household(there).declarant) == (Etat.RELOGE, None)
    assert Echeance.DECLARATION not in running_of(household(there), there.registry)


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
    assert household(there) == replace(before, declare_par=CENTRE)
    assert there.dit(CENTRE, TAKEN_BACK).recipients == (SIAO,)
    assert household(there) == before
    assert there.dit(CENTRE, TAKEN_BACK).recipients == (), "le SIAO l'apprend une fois"


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (CCAS, DECLARED),
        (CCAS, CONFIRMED),
        (CENTRE, CONFIRMED),
        (DDETS, CONFIRMED),
        (CCAS, TAKEN_BACK),
        (DDETS, TAKEN_BACK),
        (CENTRE, PretLogementActualise(menage=menage(), departement="01", evaluee_le=JOUR)),
    ],
    ids=lambda each: getattr(each, "NOM", each),
)
def test_nobody_else_declares_confirms_or_withdraws_it(asked: Monde, who: str, said: Any) -> None:
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
    there.avec(siao)
    with pytest.raises(Unroutable, match="à confirmer"):
        there.dit(CENTRE, DECLARED)


def test_a_forgotten_household_is_no_longer_asked_about(asked: Monde) -> None:
    asked.hub_dit(PretLogementRetire(menage=MENAGE, motif=MotifRetrait.OUBLIE))
    assert (household(asked).etat, household(asked).declarant) == (Etat.RETIRE, None)


def test_the_hub_notes_who_declares_for_the_siao_and_nothing_of_a_siao() -> None:
    centre, siao = REGISTRE.partners[CENTRE], REGISTRE.partners[SIAO]
    for said in (DECLARED, TAKEN_BACK):
        forged = said.model_copy(update={"declarant": "autre"})
        assert declared_by(forged, centre) == said.model_copy(update={"declarant": CENTRE})
        assert declared_by(forged, siao) == said


def test_no_reader_of_the_list_may_read_who_declares() -> None:
    said = {"declarant": CENTRE}
    seen = {
        each: rights(each).reduce(Classe.C4, said) for each in facts_of(PretLogementDeclare).beside.around
    }
    assert seen == {Famille.CONTINGENT: {}}
    assert rights(Famille.SIAO).reduce(Classe.C4, said) == said


STEPS: dict[str, Contrat | None] = {
    "declares": DECLARED,
    "takes back": TAKEN_BACK,
    "confirms": CONFIRMED,
    "refuses": REFUSED,
    "withdraws": PretLogementRetire(menage=MENAGE, motif=MotifRetrait.ERREUR),
    "describes": PretLogementActualise(menage=menage(), departement="01", evaluee_le=JOUR),
    "presents": PRESENTED,
    "leases": BailSigne(candidature=PRESENTED.candidature, signature_le=JOUR),
    "hub": None,
}
BY_THE_CENTRE = ("declares", "takes back")


@dataclass
class Crossing:
    """The centre, its SIAO and the landlord speak while what the hub has derived still waits."""

    there: Monde
    pending: deque[Contrat] = field(default_factory=deque)
    heard: list[str] = field(default_factory=list)
    """Answers that the centre has received."""
    decided: tuple[int, str] | None = None
    """Number of answers received before the last decision on a declaration, and the decision."""

    def step(self, name: str) -> None:
        if name == "hub" and not self.pending:
            return
        before = self.there.subjects.get(MENAGE)
        source = CENTRE if name in BY_THE_CENTRE else BAILLEUR if name == "leases" else SIAO
        said = STEPS[name]
        mark = len(self.heard)
        contrat = said or self.pending.popleft()
        effects = self.there.hub_dit(contrat) if said is None else self.there.dit(source, contrat)
        if isinstance(contrat, PretLogementRepondu) and CENTRE in effects.recipients:
            self.heard.append(contrat.reponse)
        self.pending += (each for each in effects.derived if each.NATURE is CONFIRMED.NATURE)
        now = household(self.there).etat
        waits = isinstance(before, MenagePret) and before.declarant is not None
        if now is Etat.A_CONFIRMER or (
            waits and household(self.there).declarant is None and name == "takes back"
        ):
            self.decided = None
        elif waits and source != CENTRE and said is not None:
            self.decided = (mark, "CONFIRMEE" if now in SUR_LA_LISTE else "REFUSEE")


def test_in_whatever_order_they_speak_a_declaration_is_answered_and_the_lists_are_true() -> None:
    for names in product(STEPS, repeat=3):
        run = Crossing(monde(Famille.HEBERGEMENT))
        for name in ("declares", *names):
            run.step(name)
        while run.pending:
            run.step("hub")
        if household(run.there).etat is Etat.A_CONFIRMER:
            assert run.there.suites(SIAO, REFUSED).recipients == (CENTRE,), names
        else:
            assert household(run.there).declarant is None, names
        if run.decided is not None:
            mark, decision = run.decided
            assert decision in run.heard[mark:], names
        listed = household(run.there).etat in SUR_LA_LISTE
        assert bool(household(run.there).lecteurs) is listed, names
