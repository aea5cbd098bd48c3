"""Nobody is heard on somebody else's subject: every family, every message, by default."""

from collections.abc import Iterator, Mapping
from functools import cache
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.base import Contrat, Nature
from contracts.partner import OFFERING, Famille
from contracts.v1 import CONTRATS
from contracts.v1.aide_sociale import AideSocialeDemandee
from contracts.v1.alerte import EvenementAlerte, MotifAnomalie
from contracts.v1.attribution import (
    Canal,
    CandidaturePresentee,
    DesignationContingent,
    EligibiliteReconnue,
    InstanceAvis,
    RadiationAnnulee,
    RadiationSne,
)
from contracts.v1.convention import DerogationContestee, DerogationDenoncee
from contracts.v1.daho import DahoDesigne
from contracts.v1.demande import DemandeRecue, SignalementRecu, SignalementTraite
from contracts.v1.examen import ExamenInscrit
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.occupation import OccupationReleve
from contracts.v1.orientation import OrientationAcceptee
from contracts.v1.pret_logement import (
    DoublonConfirme,
    DoublonEcarte,
    ListeRepondue,
    MenageReuni,
    MenageSepare,
    PretLogementDeclare,
)
from contracts.v1.suivi import SuiviDemande
from router.domain.partners import Registry
from router.domain.subjects import Subject
from tests.rows import each_row
from tests.unit.contracts.contrats_fictifs import contrats
from tests.unit.router.domain.monde import (
    CENTRE,
    FINESS,
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
    vacance,
)
from tests.unit.router.domain.test_rules_actes import ETAT, PREFET, accord, derogation

CCAS, CIL, COLLECTEUR = "ccas", "cil-01", "35600000000088"
HERE, ELSEWHERE = "01", "69"
AVDL = "010000040"
STRANGERS = {famille: f"{famille}-etranger".replace("_", "-") for famille in Famille}
COMPETENT: Mapping[Famille, tuple[type[Contrat], ...]] = {
    Famille.CONTINGENT: (
        *(EligibiliteReconnue, InstanceAvis, DesignationContingent, RadiationSne, RadiationAnnulee),
        ListeRepondue,
    ),
    Famille.COLLECTIVITE: (EligibiliteReconnue, InstanceAvis, RadiationSne, RadiationAnnulee),
    Famille.SIAO: (
        SignalementTraite,
        *(DoublonConfirme, DoublonEcarte, MenageReuni, MenageSepare),
        *(DerogationContestee, DerogationDenoncee),
    ),
    Famille.ETAT: (DerogationContestee, DerogationDenoncee),
}
"""Messages of a family about subjects of others in its own département: bodies that examine a candidacy of their
perimeter, readers of the list, a SIAO that knows one of two households, and who is expected to sign."""
quelques = settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
MOVES_NOTHING = (EvenementAlerte, LivraisonRemise)
"""Only the hub says these, of whatever subject."""


@cache
def populated(territoire: str) -> Monde:
    """A subject of each kind, of partners of one département; a stranger of each family in this territory. Nothing is
    changed by asking what a message would do."""
    here = [
        partner(CCAS, Famille.PRESCRIPTEUR),
        partner(ETAT, Famille.ETAT, structures=(PREFET,), dialecte_sortant="etat_json"),
        partner(CIL, Famille.CIL, structures=(COLLECTEUR,), dialecte_sortant="action_logement_json"),
        partner(
            "avdl", Famille.ACCOMPAGNEMENT, structures=(AVDL,), dialecte_sortant="accompagnement_tableau"
        ),
    ]
    strangers = [partner(name, famille, territoire=territoire) for famille, name in STRANGERS.items()]
    monde = Monde(Registry.of([*REGISTRE.partners.values(), *here, *strangers]))
    monde.dit(CENTRE, vacance(ident("place")))
    monde.dit(SIAO, proposition(ident("orientation"), ident("place")))
    monde.dit(CENTRE, OrientationAcceptee(orientation=ident("orientation")))
    monde.dit(
        CENTRE,
        AideSocialeDemandee(
            aide_sociale=ident("aide"),
            orientation=ident("orientation"),
            menage=menage(),
            structure=FINESS,
            chrs=True,
            accueil_du=JOUR,
            jusqu_au=JOUR,
            signee_le=JOUR,
        ),
    )
    monde.dit(CCAS, DemandeRecue(demande=ident("demande"), menage=menage(), dispositif="URGENCE"))
    monde.dit(CCAS, SignalementRecu(signalement=ident("signalement"), vu_le=MAINTENANT, commune="01053"))
    monde.dit(
        SIAO,
        CandidaturePresentee(
            candidature=ident("candidature"), menage=menage("logé"), bailleur=SIRET, canal=Canal.DIRECT
        ),
    )
    monde.dit(SIAO, PretLogementDeclare(menage=menage("prêt"), departement="01", evaluee_le=JOUR))
    figures = {"capacite": 1, "occupees": 1, "vacantes": 0, "indisponibles": 0, "releve_le": JOUR}
    monde.dit(
        CENTRE, OccupationReleve(groupe=ident("groupe"), structure=FINESS, dispositif="URGENCE", **figures)
    )
    monde.dit(ETAT, DahoDesigne(daho=ident("daho"), menage=menage("désigné"), decision_le=JOUR))
    monde.dit(SIAO, SuiviDemande(suivi=ident("suivi"), menage=menage("accompagné"), operateur=AVDL))
    monde.dit(
        ETAT,
        ExamenInscrit(examen=ident("examen"), menage=menage("examiné"), instance="PDALHPD", seance_le=JOUR),
    )
    monde.dit(CENTRE, derogation(derogation=ident("dérogation")))
    monde.dit(CIL, accord(convention=ident("convention")))
    return monde


def subject_of(monde: Monde, nature: Nature | None) -> Subject | None:
    return next((each for each in monde.subjects.values() if each.NATURE is nature), None)


def about(event: Contrat, subject: UUID) -> Contrat:
    """The message, about that subject."""
    told = getattr(event, event.SUJET)
    held = told.model_copy(update={"id": subject}) if hasattr(told, "id") else subject
    return event.model_copy(update={event.SUJET: held, "version": None})


def spoken() -> Iterator[type[Contrat]]:
    for contrat in CONTRATS.values():
        of_its_own = contrat.NATURE in (Nature.OBSERVATION, Nature.LISTE)
        if not issubclass(contrat, MOVES_NOTHING) and not of_its_own:
            yield contrat


@each_row("territoire", [HERE, ELSEWHERE])
@each_row("contrat", spoken(), ids=lambda contrat: contrat.NOM)
@quelques
@given(data=st.data())
def test_whatever_its_family_nobody_is_heard_on_the_subject_of_others(
    contrat: type[Contrat], territoire: str, data: st.DataObject
) -> None:
    monde = populated(territoire)
    subject = subject_of(monde, contrat.NATURE)
    assert subject is not None, f"ouvrez dans `populated` un sujet de la nature « {contrat.NATURE} »"
    event = about(data.draw(contrats(contrat)), subject.id)
    for famille, name in STRANGERS.items():
        effects = monde.suites(name, event, territoire)
        if territoire == HERE and contrat in COMPETENT.get(famille, ()):
            continue
        assert effects.outcome is not None, f"{famille} est entendu"
        assert effects.outcome[0] == "anomalie", (famille, effects.outcome)
        assert not effects.recipients, famille
        assert all(each == monde.subjects.get(each.id) for each in effects.subjects), famille


@each_row("famille", sorted(set(Famille) - OFFERING - {Famille.SIAO}))
def test_a_collector_the_observation_and_whoever_manages_no_place_opens_none(famille: Famille) -> None:
    monde = Monde(Registry.of([*REGISTRE.partners.values(), partner("sans-place", famille)]))
    effects = monde.dit("sans-place", vacance(ident("place")))
    assert effects.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    assert monde.subjects == {}
