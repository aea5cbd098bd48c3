"""The guide shows everything that one may send, in one's own format, and all of it is accepted; it says what one is
sent, and what of it waits for an answer, as the rules have it."""

from adapters.registry import ADAPTERS
from contracts.base import Contrat
from contracts.partner import Famille
from contracts.ports import Native
from contracts.reference.codes import Dispositif
from contracts.v1.aide_sociale import (
    AideSocialeCompletee,
    AideSocialeDemandee,
    AideSocialeProlongationDemandee,
)
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, AlerteEcheance, AlerteSilence, EvenementAlerte
from contracts.v1.attribution import Canal, CandidaturePresentee, CandidatureSurListe
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.suite import AccompagnementDemande
from contracts.v1.suivi import SuiviDemande
from ops.doubts.declared import alerts_of
from ops.silences.rules import begins, ends
from router.domain.audience import receivable_by
from router.domain.deadlines import Attendu, Deadline, running_of
from router.domain.doubts import Doubt, Kind
from router.domain.partners import Registry
from tests.golden import heard
from tests.golden.cas import partenaire
from tests.golden.documentation import DOCS
from tests.golden.guide import TABLES, examples, whole_files
from tests.rows import each_row
from tests.unit.router.domain.histoires import tous_les_pas
from tests.unit.router.domain.monde import (
    BAILLEUR,
    CENTRE,
    JOUR,
    MAINTENANT,
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
    (OPERATEUR, SuiviDemande(suivi=ENVOI, menage=menage(), operateur=AVDL)),
)
"""Whom the SIAO sends what waits for an answer."""
ALERTES: tuple[type[EvenementAlerte], ...] = (AlerteAnomalie, AlerteConflit, AlerteEcheance, AlerteSilence)
PARTNERS = [famille for famille in Famille if famille is not Famille.SIAO]


@each_row("nom", FILES)
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


OF_THE_STATE = {AideSocialeDemandee, AideSocialeProlongationDemandee, AideSocialeCompletee}
"""What a centre sends to the State: `test_rules_aide_sociale` waits for the answer."""


def world() -> Monde:
    """With an operator of accompaniment."""
    operator = partner(
        OPERATEUR, Famille.ACCOMPAGNEMENT, structures=(AVDL,), dialecte_sortant="accompagnement_tableau"
    )
    return Monde(Registry.of([*REGISTRE.partners.values(), operator]))


def awaited_of(monde: Monde, who: str, contrat: Contrat) -> list[Deadline]:
    """What the rules wait for of a partner that has got this from the SIAO."""
    if contrat is ASKED:
        monde.dit(SIAO, proposition(ENVOI))
    monde.dit(SIAO, contrat)
    if contrat is not ASKED:
        monde.hub_dit(LivraisonRemise(objet=ENVOI, partenaire=who, remise_le=monde.now))
    role = Attendu.OPERATEUR if contrat is ASKED else Attendu.DESTINATAIRE
    running = running_of(monde.subjects[ENVOI], monde.registry)
    return [deadline for deadline in running.values() if deadline.awaited is role]


@each_row(("who", "contrat"), SENT, ids=lambda each: getattr(each, "NOM", each))
def test_the_guide_tells_of_every_answer_for_which_the_rules_wait_and_in_how_long(
    who: str, contrat: Contrat
) -> None:
    monde = world()
    awaited = awaited_of(monde, who, contrat)
    assert awaited
    terms = heard.owed(monde.registry.partners[who].famille, type(contrat))
    for deadline in awaited:
        lengths = [t.duree for t in terms if t.echeance is deadline.echeance and t.duree is not None]
        ends = [length.after(deadline.started_at, "01") for length in lengths]
        assert deadline.due_at in ends, deadline.echeance
    assert {t.echeance for t in terms} == {deadline.echeance for deadline in awaited}


def test_the_guide_tells_of_no_other_answer() -> None:
    waits = {type(contrat) for _, contrat in SENT} | OF_THE_STATE | {CandidatureSurListe}
    alerts_of = {c for famille in Famille for c in receivable_by(famille) if heard.owed(famille, c)}
    assert alerts_of == waits, "ce que le SIAO envoie et qui attend une réponse entre dans `SENT`"
    assert waits == {contrat for contrat, _ in heard.answers()}
    assert heard.owed(Famille.SIAO, AccompagnementDemande) == [], "le SIAO l'apprend, l'opérateur répond"


def test_an_operator_reads_on_its_page_that_it_has_ten_working_days() -> None:
    rows = {message: answer for message, answer, _ in TABLES["guide-recoit"](Famille.ACCOMPAGNEMENT)}
    assert rows["`accompagnement.demande`"] == (
        "oui : la réponse à la demande d'accompagnement en 10 jours ouvrés"
    )


def received(famille: Famille) -> set[str]:
    """The messages in the table of its page."""
    _, *rows = TABLES["guide-recoit"](famille)
    return {message.strip("`") for message, *_ in rows}


def test_every_alert_of_a_history_that_is_told_to_a_partner_is_in_the_guide_of_its_family() -> None:
    alerts = [
        each for pas in tous_les_pas() for each in pas.effets.derived if isinstance(each, EvenementAlerte)
    ]
    told_to = {(REGISTRE.partners[each.emetteur].famille, type(each)) for each in alerts if each.emetteur}
    assert {kind for _, kind in told_to} == {AlerteAnomalie, AlerteConflit, AlerteEcheance}
    assert all(kind in heard.sent(famille) for famille, kind in told_to)


def test_what_is_out_of_date_is_an_alert_in_the_guide_of_who_declares_it() -> None:
    centre = REGISTRE.partners[CENTRE]
    (alert,) = alerts_of(centre, Doubt(CENTRE, Kind.VACANCES, "", MAINTENANT, JOUR, 1), REGISTRE)
    assert alert.emetteur == CENTRE
    for famille in (Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.VEILLE_SOCIALE):
        assert AlerteEcheance.NOM in received(famille)


@each_row("famille", PARTNERS)
def test_a_silence_is_told_to_the_siao_alone_and_shown_to_nobody_else(famille: Famille) -> None:
    centre = REGISTRE.partners[CENTRE]
    said = [
        *begins(centre, REGISTRE, None, MAINTENANT),
        *ends(centre, REGISTRE, None, MAINTENANT, MAINTENANT),
    ]
    assert [each.emetteur for each in said] == [None, None]
    assert AlerteSilence.NOM not in received(famille)
    assert AlerteSilence.NOM not in examples(famille, "ecrit")
    assert AlerteSilence.NOM in received(Famille.SIAO)


@each_row("famille", PARTNERS)
def test_a_page_names_no_alert_but_those_that_its_family_receives(famille: Famille) -> None:
    page = (DOCS / "guide-partenaire" / f"{famille}.md").read_text("utf-8")
    assert {alert.NOM for alert in ALERTES if alert.NOM in page} <= received(famille)


def test_a_dialect_in_which_nobody_of_a_family_is_delivered_to_is_not_shown_to_it_as_received() -> None:
    assert heard.ways_out(Famille.ACCOMPAGNEMENT) == ["accompagnement_tableau"]
    assert "orientation.proposee" not in received(Famille.ACCOMPAGNEMENT)
    assert "orientation.proposee" not in examples(Famille.ACCOMPAGNEMENT, "ecrit")
