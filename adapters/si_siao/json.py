"""Dialect of SI-SIAO in JSON, designed by the hub after the real conventions of this software.

Decodes the SIAO's messages about demands, referrals, candidacies, households ready for housing, agreements
and derogations. Encodes partners' messages about the same subjects and about places; encodes alerts.

SI-SIAO's ids are integers. Places, demands and their households have the hub's UUIDs.
"""

from collections.abc import Mapping

from adapters.acte import CONVENTIONS, DEROGATIONS
from adapters.evenements import by_short_name
from adapters.messages import Dialecte
from adapters.objets import Objet
from adapters.si_siao.champs import (
    ALERTE,
    ATTRIBUTION,
    CLE,
    CONVENTION,
    DAHO,
    EXAMEN,
    GROUPES,
    OFFRE,
    ORIENTATION,
    SUIVI,
    SUR_LISTE,
)
from adapters.si_siao.champs_menage import (
    DEMANDE,
    MENAGE_CITE,
    PRET_LOGEMENT,
    REPONSE_AU_DECLARANT,
    SIGNALEMENT,
    SIGNALEMENT_TRAITE,
)
from contracts.base import Contrat, Nature
from contracts.partner import Famille
from contracts.v1 import (
    CONTRATS,
    attribution,
    convention,
    daho,
    demande,
    examen,
    orientation,
    place,
    pret_logement,
    suite,
    suivi,
    transfert,
)

BOTH_WAYS = by_short_name(
    demande.DemandeActualisee,
    demande.DemandeAnnulee,
    *CONVENTIONS,
    *DEROGATIONS,
    demande.DemandeEvaluee,
    demande.DemandeNonPourvue,
    demande.DemandeTransferee,
    demande.EvaluationDemandee,
    transfert.DemandeTransfertAccepte,
    transfert.DemandeTransfertRefuse,
    transfert.DemandeTransfertRetire,
    orientation.OrientationProposee,
    attribution.CandidaturePresentee,
    attribution.CandidatureSurListe,
    pret_logement.PretLogementDeclare,
    pret_logement.PretLogementActualise,
    pret_logement.PretLogementRetire,
    suite.AccompagnementDemande,
    pret_logement.ListeRepondue,
)
"""Events that a SIAO both sends and receives."""
OF_THE_HUB_TO_OTHERS = by_short_name(
    demande.DemandePlaceTrouvee,
    suite.AdmissionHorsSiao,
    place.PlaceRetenue,
    pret_logement.PretLogementDiffuse,
    pret_logement.ListeDemandee,
    convention.ConventionBilan,
    attribution.CandidatureAccompagnement,
)
ENTRANTS = by_short_name(
    *BOTH_WAYS.values(),
    pret_logement.PretLogementRepondu,
    pret_logement.DoublonConfirme,
    pret_logement.DoublonEcarte,
    *(pret_logement.MenageSepare, pret_logement.MenageReuni),
    orientation.OrientationAnnulee,
    attribution.CandidatureRetiree,
    *(daho.DahoOriente, daho.DahoAccueilli, examen.ExamenAvis),
    demande.SignalementTraite,
    *(suivi.SuiviDemande, suivi.SuiviRetire),
)
TABLES: Mapping[str, Objet] = {
    "offre": OFFRE,
    "occupation": GROUPES,
    "demande": DEMANDE,
    "orientation": ORIENTATION,
    "attribution": ATTRIBUTION,
    "menage": MENAGE_CITE,
    "convention": CONVENTION,
    "alerte": ALERTE,
}
"""Field table for the events of a domain (the first word of a short name), by the domain."""


OF_THEIR_OWN: Mapping[type[Contrat], Objet] = {
    demande.SignalementRecu: SIGNALEMENT,
    demande.SignalementTraite: SIGNALEMENT_TRAITE,
    attribution.CandidatureSurListe: SUR_LISTE,
    pret_logement.PretLogementDeclare: PRET_LOGEMENT,
    pret_logement.PretLogementActualise: PRET_LOGEMENT,
    pret_logement.PretLogementRepondu: REPONSE_AU_DECLARANT,
}
"""Field tables of certain event types. They prevail over those in `BY_NATURE` and `TABLES`."""
BY_NATURE: Mapping[Nature | None, Objet] = {
    Nature.GROUPE_PLACES: GROUPES,
    Nature.DAHO: DAHO,
    Nature.SUIVI: SUIVI,
    Nature.EXAMEN: EXAMEN,
}
"""Field tables for the events about certain kinds of subject. They prevail over those in `TABLES`."""


def _table(contrat: type[Contrat]) -> Objet:
    table = OF_THEIR_OWN.get(contrat) or BY_NATURE.get(contrat.NATURE) or TABLES[contrat.DOMAINE]
    return table.narrowed(contrat)


_CARRIED = by_short_name(*(contrat for contrat in CONTRATS.values() if contrat.DOMAINE in TABLES))
SORTANTS = {
    name: contrat
    for name, contrat in _CARRIED.items()
    if name in BOTH_WAYS or name not in {**ENTRANTS, **OF_THE_HUB_TO_OTHERS}
}

DIALECTE = Dialecte(
    CLE,
    ENTRANTS,
    SORTANTS,
    tables={name: _table(contrat) for name, contrat in _CARRIED.items()},
    citants=(
        *(ORIENTATION, ATTRIBUTION, DEMANDE, PRET_LOGEMENT, MENAGE_CITE, SIGNALEMENT_TRAITE, SUIVI),
        *(DAHO, EXAMEN),
    ),
)

DECLARATION = DIALECTE.declared("si_siao_json", Famille.SIAO)
decode, encode = DIALECTE.decode, DIALECTE.encode
