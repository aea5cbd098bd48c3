"""Say which messages are everyday answers: their buttons come first on a subject's page."""

from collections.abc import Mapping, Sequence

from contracts.base import Contrat, Nature
from contracts.reference.codes import AuteurRefus, ResultatCommission
from contracts.v1.attribution import (
    BailSigne,
    CandidatureInscrite,
    ConditionLevee,
    DecisionCommission,
    PropositionAcceptee,
    PropositionRefusee,
)
from contracts.v1.convention import ConventionBilan, ConventionSignee, DerogationAccordee
from contracts.v1.demande import DemandeEvaluee, DemandeNonPourvue, EvaluationDemandee
from contracts.v1.orientation import OrientationAcceptee, OrientationRefusee
from contracts.v1.place import PlaceDisponible, PlaceLiberee, PlaceOccupee, PlaceVacancePrevisible
from contracts.v1.suite import AdmissionPrononcee, EntreeConstatee
from contracts.v1.transfert import DemandeTransfertAccepte, DemandeTransfertRefuse
from router.domain.rulebooks.candidature import Etat as EtatCandidature
from router.domain.rulebooks.demande import Etat as EtatDemande
from router.domain.rulebooks.orientation import PROMISES

PRINCIPAUX: Sequence[tuple[type[Contrat], str]] = (
    (OrientationAcceptee, ""),
    (OrientationRefusee, str(AuteurRefus.STRUCTURE)),
    (EntreeConstatee, ""),
    (CandidatureInscrite, ""),
    (DecisionCommission, str(ResultatCommission.ATTRIBUTION)),
    (DecisionCommission, str(ResultatCommission.NON_ATTRIBUTION)),
    (ConditionLevee, ""),
    (PropositionAcceptee, ""),
    (PropositionRefusee, ""),
    (BailSigne, ""),
    (PlaceVacancePrevisible, ""),
    (PlaceLiberee, ""),
    (PlaceOccupee, ""),
    (PlaceDisponible, ""),
    (DemandeEvaluee, ""),
    (DemandeNonPourvue, ""),
    (EvaluationDemandee, ""),
    (DemandeTransfertAccepte, ""),
    (DemandeTransfertRefuse, ""),
    (ConventionSignee, ""),
    (ConventionBilan, ""),
    (DerogationAccordee, ""),
)
"""Order of the buttons for everyday answers. Each is a message type with an answer: the author of a refusal,
or the decision of a commission. For any other type, the answer is empty."""
PROMIS: Sequence[tuple[type[Contrat], str]] = (
    (EntreeConstatee, ""),
    (OrientationRefusee, str(AuteurRefus.AUTRE)),
    (AdmissionPrononcee, ""),
)
DECIDE: Sequence[tuple[type[Contrat], str]] = tuple(
    (DecisionCommission, str(resultat))
    for resultat in (
        ResultatCommission.ATTRIBUTION,
        ResultatCommission.ATTRIBUTION_RANG,
        ResultatCommission.NON_ATTRIBUTION,
    )
)
OF_A_TRANSFER = ((DemandeTransfertAccepte, ""), (DemandeTransfertRefuse, ""))
EVERYDAY: Mapping[tuple[Nature, str], Sequence[tuple[type[Contrat], str]]] = {
    **{(Nature.ORIENTATION, str(etat)): PROMIS for etat in PROMISES},
    (Nature.CANDIDATURE, str(EtatCandidature.INSCRITE)): DECIDE,
    (Nature.DEMANDE, str(EtatDemande.ORIENTEE)): OF_A_TRANSFER,
}
"""Everyday answers, by kind of subject and state. Subjects in any other state have the answers
`PRINCIPAUX`."""
