"""The guide shows everything that one may send, in one's own format, and all of it is accepted; it says what one is
sent, and what of it waits for an answer, as the rules have it."""

import pytest

from adapters.registry import ADAPTERS
from contracts.base import Contrat
from contracts.partner import Famille
from contracts.ports import Native
from contracts.reference.codes import Dispositif
from contracts.v1.attribution import Canal, CandidaturePresentee
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.suite import AccompagnementDemande
from router.domain.audience import heard_by
from router.domain.deadlines import Attendu, Deadline, running_of
from router.domain.partners import Registry
from tests.golden import heard
from tests.golden.cas import partenaire
from tests.golden.guide import TABLES, whole_files
from tests.unit.router.domain.monde import (
    BAILLEUR,
    CENTRE,
    REGISTRE,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    partner,
    proposition,
)

FILES = ("bailleur_xml", "bailleur_tableau", "collectivite_tableau", "contingent_tableau", "spip_xml")
"""Dialects that are no JSON, and read every message of their families."""
OPERATEUR, AVDL = "avdl", "010000040"
ENVOI = ident("envoi")
ASKED = AccompagnementDemande(orientation=ENVOI, operateur=AVDL)
CANDIDACY = CandidaturePresentee(candidature=ENVOI, menage=menage(), bailleur=SIRET, canal=Canal.DIRECT)
SENT: tuple[tuple[str, Contrat], ...] = (
    (CENTRE, proposition(ENVOI, dispositif=Dispositif.URGENCE)),
    (CENTRE, proposition(ENVOI, dispositif=Dispositif.INSERTION)),
    (BAILLEUR, CANDIDACY),
    (OPERATEUR, ASKED),
)
"""Whom the SIAO sends what waits for an answer."""


@pytest.mark.parametrize("nom", FILES)
def test_the_files_of_the_guide_hold_every_message_of_a_dialect_and_are_accepted(nom: str) -> None:
    read = [
        ligne
        for path in whole_files(nom, "lu")
        for ligne in ADAPTERS[nom]
        .decode(Native(path.read_bytes(), "", path.name), partenaire(nom, {}))
        .lignes
    ]
    assert [ligne.rejets for ligne in read if ligne.rejets] == []
    shown = {type(ligne.contrat) for ligne in read}
    assert shown == set(ADAPTERS[nom].DECLARATION.lit)


def world() -> Monde:
    """With an operator of accompaniment."""
    operator = partner(OPERATEUR, Famille.ACCOMPAGNEMENT, structures=(AVDL,))
    return Monde(Registry.of([*REGISTRE.partners.values(), operator]))


def awaited_of(monde: Monde, who: str, contrat: Contrat) -> list[Deadline]:
    """What the rules wait for of a partner that has got this from the SIAO."""
    if contrat is ASKED:
        monde.dit(SIAO, proposition(ENVOI))
    monde.dit(SIAO, contrat)
    if contrat is not ASKED:
        monde.hub_dit(LivraisonRemise(objet=ENVOI, partenaire=who, remise_le=monde.now))
    role = Attendu.OPERATEUR if who == OPERATEUR else Attendu.DESTINATAIRE
    running = running_of(monde.subjects[ENVOI], monde.registry)
    return [deadline for deadline in running.values() if deadline.awaited is role]


@pytest.mark.parametrize(("who", "contrat"), SENT, ids=lambda each: getattr(each, "NOM", each))
def test_the_guide_tells_of_every_answer_for_which_the_rules_wait_and_in_how_long(
    who: str, contrat: Contrat
) -> None:
    monde = world()
    awaited = awaited_of(monde, who, contrat)
    assert awaited
    told = heard.owed(monde.registry.partners[who].famille, type(contrat))
    for deadline in awaited:
        lengths = [t.duree for t in told if t.echeance is deadline.echeance and t.duree is not None]
        ends = [length.after(deadline.started_at, "01") for length in lengths]
        assert deadline.due_at in ends, deadline.echeance
    assert {t.echeance for t in told} == {deadline.echeance for deadline in awaited}


def test_the_guide_tells_of_no_other_answer() -> None:
    waits = {type(contrat) for _, contrat in SENT}
    told = {c for famille in Famille for c in heard_by(famille) if heard.owed(famille, c)}
    assert told == waits == {contrat for contrat, _ in heard.answers()}
    assert heard.owed(Famille.SIAO, AccompagnementDemande) == [], "le SIAO l'apprend, l'opérateur répond"


def test_an_operator_reads_on_its_page_that_it_has_ten_working_days() -> None:
    rows = {message: answer for message, answer, _ in TABLES["guide-recoit"](Famille.ACCOMPAGNEMENT)}
    assert rows["`accompagnement.demande`"] == (
        "oui : la réponse à la demande d'accompagnement en 10 jours ouvrés"
    )
