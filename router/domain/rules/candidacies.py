"""Rules for a candidacy: a SIAO presents a household to a landlord. The module also has the rule book of
candidacies, with their states and what each message changes."""

from datetime import datetime

from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.attribution import (
    BailSigne,
    Canal,
    CandidatureAccusee,
    CandidatureInscrite,
    CandidaturePresentee,
    CandidatureRetiree,
    CandidatureSurListe,
    ConditionLevee,
    DecisionCommission,
    DesignationContingent,
    EligibiliteReconnue,
    InstanceAvis,
    PropositionAcceptee,
    PropositionRefusee,
    RadiationAnnulee,
    RadiationSne,
)
from router.domain.parts import Party
from router.domain.rulebooks.book import Book, ByContent
from router.domain.rulebooks.candidature import DECISIONS, Etat, Evenement, decision
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rules.admissibility import first_state, stamped
from router.domain.rules.alerts import alert_of, anomaly
from router.domain.rules.channels import Presentee, title_of
from router.domain.rules.effects import Effects, World, forward
from router.domain.rules.household_of_candidacy import with_ready
from router.domain.rules.ranks import move_candidacy
from router.domain.subjects import Candidature


def present(event: Event, world: World, _now: datetime) -> Effects:
    """Create a candidacy, and send it to the landlord. The household is presented alone, or on a list for a
    collector (CIL: the employers' housing fund). Raises Unroutable if the landlord is unknown or cannot be
    reached."""
    contrat = event.contrat
    assert isinstance(contrat, CandidaturePresentee | CandidatureSurListe)
    etat = first_state(event, Candidature.MACHINE, Evenement.PRESENTER, world)
    if isinstance(etat, Effects):
        return etat
    landlord = world.registry.manager_of(contrat.bailleur)
    if landlord is None:
        raise Unroutable(f"aucun partenaire du registre n'a le SIRET {contrat.bailleur}")
    title = title_of(event, contrat, landlord, world)
    if title.manque and not title.part:
        return anomaly(event, title.manque, None)
    lacks = title.manque or _unlabelled(contrat, world)
    candidacy = Candidature(
        id=contrat.sujet,
        etat=Etat(etat),
        version=1,
        emetteur=event.source,
        destinataire=landlord.id,
        menage=contrat.menage.id,
        logement=getattr(contrat, "logement", None),
    )
    effects = forward(event, world, stamped(event, candidacy))
    alerts = (alert_of(event, lacks, candidacy),) if lacks else ()
    return with_ready(effects.with_news(*alerts), event, candidacy, Evenement.PRESENTER, world)


def _unlabelled(contrat: Presentee, world: World) -> MotifAnomalie | None:
    held = world.subjects.get(contrat.menage.id)
    reserved = isinstance(contrat, CandidaturePresentee) and contrat.canal is Canal.CONTINGENT
    lacks = reserved and isinstance(held, MenagePret) and not held.labelled_before_commission
    return MotifAnomalie.SANS_LABEL if lacks else None


BOOK = Book(
    subject=Candidature,
    moves={
        CandidaturePresentee: Evenement.PRESENTER,
        CandidatureSurListe: Evenement.PRESENTER,
        CandidatureAccusee: Evenement.ACCUSER,
        CandidatureInscrite: Evenement.INSCRIRE,
        CandidatureRetiree: Evenement.RETIRER,
        EligibiliteReconnue: Evenement.INFORMER,
        InstanceAvis: Evenement.INFORMER,
        DesignationContingent: Evenement.INFORMER,
        DecisionCommission: ByContent(decision, DECISIONS),
        ConditionLevee: Evenement.LEVER_LA_CONDITION,
        PropositionAcceptee: Evenement.ACCEPTER,
        PropositionRefusee: Evenement.REFUSER,
        BailSigne: Evenement.SIGNER,
        RadiationSne: Evenement.INFORMER,
        RadiationAnnulee: Evenement.INFORMER,
    },
    openers={Evenement.PRESENTER: present},
    mover=move_candidacy,
    expected={
        Etat.PRESENTEE: (Party.DESTINATAIRE, "dire qu'elle est lue, puis inscrire en commission"),
        Etat.ACCUSEE: (Party.DESTINATAIRE, "inscrire en commission"),
        Etat.INSCRITE: (Party.DESTINATAIRE, "dire la décision de la commission"),
        Etat.SOUS_CONDITION: (Party.DESTINATAIRE, "dire la condition levée, ou la non-attribution"),
        Etat.ATTRIBUEE_PAR_RANG: (
            Party.DESTINATAIRE,
            "dire l'attribution quand le rang est appelé, sinon la non-attribution",
        ),
        Etat.ATTRIBUEE: (Party.DESTINATAIRE, "dire la réponse du ménage"),
        Etat.PROPOSEE_AU_MENAGE: (Party.DESTINATAIRE, "dire la signature du bail, ou le refus du ménage"),
    },
    informing=(Evenement.INFORMER,),
)
