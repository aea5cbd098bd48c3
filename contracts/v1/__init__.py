"""Version 1 of every message, and the one table from CloudEvents type to contract."""

from collections.abc import Mapping

from contracts.base import Contrat
from contracts.v1 import alerte, attribution, livraison, orientation, place, suite

CONTRATS: Mapping[str, type[Contrat]] = {
    contrat.TYPE: contrat
    for contrat in (
        place.PlaceDeclaree,
        place.PlaceVacante,
        place.PlaceVacancePrevisible,
        place.PlaceReservee,
        place.PlaceLiberee,
        place.PlaceOccupee,
        place.PlaceIndisponible,
        place.PlaceDisponible,
        place.PlaceFermee,
        place.GroupePlacesModifie,
        orientation.OrientationProposee,
        orientation.OrientationAccusee,
        orientation.OrientationMiseEnAttente,
        orientation.OrientationPreadmissionPlanifiee,
        orientation.OrientationAcceptee,
        orientation.OrientationRefusee,
        orientation.OrientationAnnulee,
        suite.AdmissionPrononcee,
        suite.AdmissionDirecte,
        suite.EntreeConstatee,
        suite.PresentationAbsence,
        suite.SejourProlonge,
        suite.SortieDeclaree,
        suite.AccompagnementDemande,
        suite.AccompagnementRepondu,
        attribution.CandidaturePresentee,
        attribution.CandidatureAccusee,
        attribution.CandidatureInscrite,
        attribution.CandidatureRetiree,
        attribution.EligibiliteReconnue,
        attribution.InstanceAvis,
        attribution.DesignationContingent,
        attribution.DecisionCommission,
        attribution.ConditionLevee,
        attribution.PropositionAcceptee,
        attribution.PropositionRefusee,
        attribution.BailSigne,
        attribution.RadiationSne,
        alerte.AlerteConflit,
        alerte.AlerteAnomalie,
        livraison.LivraisonRemise,
    )
}
