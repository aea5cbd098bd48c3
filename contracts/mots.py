"""French words for kinds of subject, for their states, and for messages."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from contracts.base import Contrat, Nature
from contracts.reference.codes import AuteurRefus, ResultatCommission
from contracts.v1 import (
    CONTRATS,
    aide_sociale,
    alerte,
    attribution,
    convention,
    daho,
    demande,
    examen,
    observation,
    occupation,
    orientation,
    place,
    pret_logement,
    suite,
    suivi,
    transfert,
)
from contracts.v1.echeance import EcheanceAtteinte
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.pret_logement import ReponseDeclaration

_D_UN_ACTE = {
    "PROPOSEE": "proposée, signatures attendues",
    "EN_VIGUEUR": "en vigueur",
    "EXPIREE": "expirée",
    "DENONCEE": "dénoncée",
}
ETATS: Mapping[Nature, Mapping[str, str]] = {
    Nature.ORIENTATION: {
        "PROPOSEE": "proposée, sans réponse encore",
        "ACCUSEE": "lue, sans décision encore",
        "EN_ATTENTE": "sur liste d'attente",
        "PREADMISSION": "en préadmission",
        "ACCEPTEE": "acceptée",
        "ADMISE": "suivie d'une admission",
        "ENTREE": "aboutie, le ménage est arrivé",
        "SORTIE": "terminée, le ménage est sorti",
        "REFUS_STRUCTURE": "refusée par la structure",
        "REFUS_PERSONNE": "refusée par le ménage",
        "NON_PRESENTATION": "close, le ménage ne s'est pas présenté",
        "SANS_REPONSE": "close, restée sans réponse",
        "ANNULEE": "annulée",
    },
    Nature.CANDIDATURE: {
        "PRESENTEE": "présentée, sans réponse encore",
        "ACCUSEE": "lue, sans suite encore",
        "INSCRITE": "inscrite en commission",
        "SOUS_CONDITION": "attribuée sous condition",
        "ATTRIBUEE_PAR_RANG": "attribuée par rang",
        "ATTRIBUEE": "attribuée",
        "PROPOSEE_AU_MENAGE": "acceptée par le ménage",
        "BAIL_SIGNE": "terminée, le bail est signé",
        "NON_ATTRIBUEE": "close, non attribuée",
        "IRRECEVABLE": "close, irrecevable",
        "REFUSEE_PAR_LE_MENAGE": "refusée par le ménage",
        "RETIREE": "retirée",
    },
    Nature.SIGNALEMENT: {"SIGNALE": "signalé, sans suite encore", "TRAITE": "suite dite par le SIAO"},
    Nature.DEMANDE: {
        "RECUE": "reçue",
        "COMPLETE": "complète",
        "EVALUEE": "évaluée",
        "EN_ATTENTE": "en attente d'une place",
        "ORIENTEE": "orientée",
        "POURVUE": "pourvue",
        "NON_POURVUE": "sans place pour cette fois",
        "ANNULEE": "annulée",
    },
    Nature.MENAGE: {
        "A_CONFIRMER": "déclaré prêt par un partenaire, à confirmer",
        "DECLARE": "prêt au logement",
        "ACTUALISE": "prêt au logement",
        "PRESENTE": "présenté à un bailleur",
        "RELOGE": "relogé",
        "RETIRE": "retiré de la liste",
    },
    Nature.AIDE_SOCIALE: {
        "DEMANDEE": "envoyée aux services de l'État",
        "INCOMPLETE": "incomplète, des pièces manquent",
        "A_L_ETUDE": "complète, à l'étude",
        "ACQUISE": "acquise : un accueil de cinq jours au plus (L111-3-1 CASF)",
        "REPUTEE_ACCEPTEE": "réputée acceptée, sans réponse un mois après sa réception",
        "ACCORDEE": "accordée",
        "REFUSEE_PAR_L_ETAT": "refusée",
    },
    Nature.DAHO: {
        "DESIGNE": "reçue, à orienter par le SIAO",
        "ORIENTE": "suivie d'une orientation",
        "A_ATTRIBUER": "à attribuer par le préfet, le délai du SIAO étant passé",
        "ATTRIBUE": "suivie d'une attribution à un organisme par le préfet",
        "ACCUEILLI": "suivie d'un accueil",
        "RETIRE_PAR_L_ETAT": "retirée par l'État",
    },
    Nature.SUIVI: {
        "SOLLICITE": "demandé, sans réponse encore",
        "ORGANISE": "organisé",
        "REFUSE_PAR_L_OPERATEUR": "refusé par l'opérateur",
        "SANS_REPONSE": "clos, resté sans réponse",
        "RETIRE": "retiré par le SIAO",
    },
    Nature.EXAMEN: {
        "A_EXAMINER": "à l'ordre du jour, avis du SIAO attendu",
        "AVIS_RENDU": "examiné avec l'avis du SIAO",
        "SANS_AVIS": "examiné sans l'avis du SIAO",
    },
    Nature.CONVENTION: _D_UN_ACTE,
    Nature.DEROGATION: _D_UN_ACTE,
    Nature.PLACE: {
        "DECLAREE": "déclarée",
        "DISPONIBLE": "disponible",
        "RESERVEE": "réservée",
        "OCCUPEE": "occupée",
        "A_LIBERER": "bientôt libre",
        "INDISPONIBLE": "indisponible",
        "FERMEE": "fermée",
    },
}
"""French words for the states of subjects, by kind of subject and by state."""

NOMS: Mapping[Nature, str] = {
    Nature.ORIENTATION: "orientation",
    Nature.CANDIDATURE: "candidature",
    Nature.SIGNALEMENT: "signalement",
    Nature.DEMANDE: "demande",
    Nature.AIDE_SOCIALE: "demande d'aide sociale",
    Nature.DAHO: "désignation au titre du droit à l'hébergement (DAHO)",
    Nature.SUIVI: "accompagnement d'un ménage",
    Nature.EXAMEN: "examen d'un ménage en instance",
    Nature.MENAGE: "ménage",
    Nature.PLACE: "place",
    Nature.CONVENTION: "convention",
    Nature.DEROGATION: "dérogation",
}


class Acte(NamedTuple):
    """French words for the action that a message reports: an infinitive and a past participle."""

    faire: str
    """Infinitive that completes « on ne peut pas … »."""
    fait: str
    """Past participle for the history of a subject, such as « proposée »."""


_O, _S, _A, _D, _P, _T, _C = orientation, suite, attribution, demande, place, transfert, convention
_AIDE = aide_sociale
ACTES: Mapping[type[Contrat], Acte] = {
    _O.OrientationProposee: Acte("la proposer", "proposée"),
    _O.OrientationAccusee: Acte("dire qu'elle est lue", "lue"),
    _O.OrientationMiseEnAttente: Acte("la mettre en attente", "mise en attente"),
    _O.OrientationPreadmissionPlanifiee: Acte("planifier une préadmission", "préadmission planifiée"),
    _O.OrientationAcceptee: Acte("l'accepter", "acceptée"),
    _O.OrientationRefusee: Acte("la refuser", "refusée"),
    _O.OrientationAnnulee: Acte("l'annuler", "annulée"),
    _S.AdmissionPrononcee: Acte("prononcer l'admission", "admission prononcée"),
    _S.EntreeConstatee: Acte("constater l'entrée", "entrée constatée"),
    _S.PresentationAbsence: Acte("dire l'absence du ménage", "le ménage ne s'est pas présenté"),
    _S.SejourProlonge: Acte("prolonger le séjour", "séjour prolongé"),
    _S.SortieDeclaree: Acte("déclarer la sortie", "sortie déclarée"),
    _S.AccompagnementDemande: Acte("demander un accompagnement", "accompagnement demandé"),
    _S.AccompagnementSansContact: Acte(
        "dire le ménage injoignable", "ménage pas encore joint par l'opérateur"
    ),
    _S.AccompagnementRepondu: Acte("répondre pour l'accompagnement", "réponse pour l'accompagnement"),
    _AIDE.AideSocialeDemandee: Acte("la demander", "envoyée"),
    _AIDE.AideSocialeProlongationDemandee: Acte("demander une prolongation", "prolongation demandée"),
    _AIDE.AideSocialeCompletee: Acte("la compléter", "complétée"),
    _AIDE.AideSocialeRecue: Acte("dire quand elle est reçue", "reçue par l'État"),
    _AIDE.AideSocialeRepondue: Acte("y répondre", "répondue par l'État"),
    daho.DahoDesigne: Acte("désigner le ménage", "désigné"),
    daho.DahoOriente: Acte("dire le ménage orienté", "orienté"),
    daho.DahoAccueilli: Acte("dire le ménage accueilli", "accueilli"),
    daho.DahoAttribue: Acte("attribuer le ménage à un organisme", "attribué à un organisme"),
    daho.DahoRetire: Acte("retirer la désignation", "retiré par l'État"),
    examen.ExamenInscrit: Acte("l'inscrire à l'ordre du jour", "inscrit à l'ordre du jour"),
    examen.ExamenAvis: Acte("donner votre avis", "avis du SIAO"),
    suivi.SuiviDemande: Acte("le demander", "demandé"),
    suivi.SuiviSansContact: Acte("dire le ménage injoignable", "ménage pas encore joint par l'opérateur"),
    suivi.SuiviRepondu: Acte("répondre", "réponse de l'opérateur"),
    suivi.SuiviRetire: Acte("le retirer", "retiré"),
    _A.CandidaturePresentee: Acte("la présenter", "présentée"),
    _A.CandidatureSurListe: Acte("la présenter sur une liste", "présentée sur une liste"),
    _A.CandidatureAccusee: Acte("dire qu'elle est lue", "lue"),
    _A.CandidatureInscrite: Acte("l'inscrire en commission", "inscrite en commission"),
    _A.CandidatureRetiree: Acte("la retirer", "retirée"),
    _A.EligibiliteReconnue: Acte("reconnaître l'éligibilité", "éligibilité reconnue"),
    _A.InstanceAvis: Acte("rendre un avis", "avis de l'instance rendu"),
    _A.DesignationContingent: Acte("la désigner au contingent", "désignée au contingent"),
    _A.DecisionCommission: Acte("transmettre une décision de la commission", "décision de la commission"),
    _A.ConditionLevee: Acte("lever la condition", "condition levée"),
    _A.PropositionAcceptee: Acte("dire que le ménage accepte", "acceptée par le ménage"),
    _A.PropositionRefusee: Acte("dire que le ménage refuse", "refusée par le ménage"),
    _A.BailSigne: Acte("dire que le bail est signé", "bail signé"),
    pret_logement.PretLogementActualise: Acte(
        "confirmer qu'il est encore prêt", "prêt au logement, fiche mise à jour"
    ),
    pret_logement.PretLogementRetire: Acte("le retirer de la liste", "retiré de la liste"),
    pret_logement.PretLogementRepondu: Acte("répondre à sa déclaration", "réponse du SIAO à sa déclaration"),
    pret_logement.ListeRepondue: Acte("répondre à son sujet", "réponse d'un lecteur de la liste"),
    pret_logement.ListeDemandee: Acte("demander la liste entière", "liste entière demandée"),
    _A.RadiationSne: Acte("déclarer une radiation", "radiée du SNE"),
    _A.RadiationAnnulee: Acte("annuler une radiation", "radiation du SNE annulée"),
    _D.DemandeRecue: Acte("l'adresser", "adressée au SIAO"),
    _D.DemandeCompletee: Acte("la compléter", "complétée"),
    _D.DemandeActualisee: Acte("l'actualiser", "actualisée"),
    _D.DemandeAnnulee: Acte("l'annuler", "annulée"),
    _D.EvaluationDemandee: Acte("demander une évaluation", "évaluation demandée"),
    _D.EvaluationRealisee: Acte("rendre une évaluation", "évaluation réalisée"),
    _D.DemandeEvaluee: Acte("dire qu'elle est évaluée", "évaluée"),
    _D.DemandePlaceTrouvee: Acte("annoncer où elle est orientée", "lieu de l'orientation annoncé"),
    _D.SignalementTraite: Acte("dire sa suite", "suite dite"),
    _D.DemandeNonPourvue: Acte("dire qu'aucune place n'est trouvée", "aucune place trouvée"),
    _D.DemandeTransferee: Acte("proposer son transfert", "transfert proposé"),
    _T.DemandeTransfertAccepte: Acte("accepter son transfert", "transfert accepté"),
    _T.DemandeTransfertRefuse: Acte("refuser son transfert", "transfert refusé"),
    _T.DemandeTransfertRetire: Acte(
        "retirer la proposition de transfert", "proposition de transfert retirée"
    ),
    _P.PlaceDeclaree: Acte("la déclarer", "déclarée"),
    _P.PlaceVacante: Acte("la dire vacante", "dite vacante"),
    _P.PlaceVacancePrevisible: Acte("dire quand elle se libère", "vacance annoncée"),
    _P.PlaceReservee: Acte("la réserver", "réservée"),
    _P.PlaceRetenue: Acte("dire qu'un ménage y est dirigé", "tenue pour un ménage"),
    _P.PlaceLiberee: Acte("la libérer", "libérée"),
    _P.PlaceOccupee: Acte("la dire occupée", "dite occupée"),
    _P.PlaceIndisponible: Acte("la dire indisponible", "dite indisponible"),
    _P.PlaceDisponible: Acte("la dire disponible", "dite disponible"),
    _P.PlaceFermee: Acte("la fermer", "fermée"),
    _C.ConventionSignee: Acte("la signer", "signée"),
    _C.ConventionContestee: Acte("la contester", "contestée"),
    _C.ConventionDenoncee: Acte("la dénoncer", "dénoncée"),
    _C.ConventionBilan: Acte("dire le bilan du trimestre", "bilan d'un trimestre du collecteur"),
    _C.DerogationAccordee: Acte("la signer", "signée"),
    _C.DerogationContestee: Acte("la contester", "contestée"),
    _C.DerogationDenoncee: Acte("la dénoncer", "dénoncée"),
}
"""French words for the message types that report an action of a person."""


class Selon(NamedTuple):
    """French infinitives for the actions that messages of one type report, such as « la refuser ». The field
    `champ` of a message decides which infinitive applies to it: `mots` has one for each value of this
    field."""

    champ: str
    mots: Mapping[Any, str]


SELON: Mapping[type[Contrat], Selon] = {
    _A.DecisionCommission: Selon(
        "resultat",
        {
            ResultatCommission.ATTRIBUTION: "dire l'attribution",
            ResultatCommission.ATTRIBUTION_RANG: "dire une attribution avec rang",
            ResultatCommission.SOUS_CONDITION: "dire une attribution sous condition",
            ResultatCommission.NON_ATTRIBUTION: "la refuser (non-attribution)",
            ResultatCommission.IRRECEVABILITE: "la refuser (irrecevable)",
        },
    ),
    _AIDE.AideSocialeRepondue: Selon("accordee", {True: "l'accorder", False: "la refuser"}),
    pret_logement.PretLogementRepondu: Selon(
        "reponse",
        {
            ReponseDeclaration.CONFIRMEE: "confirmer qu'il est prêt",
            ReponseDeclaration.REFUSEE: "refuser de le mettre sur la liste",
        },
    ),
    suivi.SuiviRepondu: Selon(
        "accepte", {True: "dire le ménage accompagné", False: "refuser de l'accompagner"}
    ),
    _O.OrientationRefusee: Selon(
        "auteur",
        {
            AuteurRefus.STRUCTURE: "la refuser",
            AuteurRefus.PERSONNE: "dire que le ménage la refuse",
            AuteurRefus.AUTRE: "dire le ménage absent ou injoignable",
        },
    ),
}
"""Message types whose infinitive depends on a field: for example on who refuses, or on what a commission
decides."""


def faire_of(contrat: Contrat) -> str:
    """Return the French infinitive for the action that this message reports."""
    acte, selon = ACTES.get(type(contrat)), SELON.get(type(contrat))
    said = acte.faire if acte else "le dire"
    return selon.mots.get(getattr(contrat, selon.champ), said) if selon else said


def etat_of(nature: Nature, etat: str | None) -> str:
    """Return the French words for the state of a subject of the kind `nature`. Return an unknown state
    unchanged, and « connue » for None."""
    return ETATS.get(nature, {}).get(etat or "", etat or "connue")


NOUVELLES: Mapping[type[Contrat], str] = {
    **{kind: "une échéance est passée" for kind in CONTRATS.values() if issubclass(kind, EcheanceAtteinte)},
    LivraisonRemise: "remise à son destinataire",
    _S.AdmissionHorsSiao: "admission sans le SIAO dite à l'État",
    _A.CandidatureAccompagnement: "accompagnement du ménage dit au bailleur",
    daho.DahoHorsDelai: "délai du SIAO passé : au préfet d'attribuer",
    _AIDE.AideSocialeReputeeAcceptee: "réputée acceptée : un mois sans réponse de l'État",
    _C.ConventionEcheance: "la fin approche, ou est repoussée",
    _C.DerogationEcheance: "la fin approche, ou est repoussée",
    _C.ConventionQuart: "le quart du collecteur, dit à l'État",
    _C.ConventionExpiree: "expirée",
    _C.DerogationExpiree: "expirée",
    _P.GroupePlacesModifie: "nombre de places modifié",
    occupation.OccupationReleve: "occupation relevée",
    _D.DemandeSuite: "où en est la demande",
    _D.SignalementRecu: "personne signalée",
    _S.AdmissionDirecte: "admission directe",
    pret_logement.PretLogementDeclare: "prêt au logement",
    pret_logement.PretLogementDiffuse: "prêt au logement",
    pret_logement.DoublonSuspecte: "peut-être connu deux fois",
    pret_logement.DoublonConfirme: "connu deux fois",
    pret_logement.DoublonEcarte: "distinct d'un autre, vérifié",
    pret_logement.MenageSepare: "séparé en deux ménages",
    pret_logement.MenageReuni: "réuni à un autre ménage",
    alerte.AlerteConflit: "place disputée",
    alerte.AlerteAnomalie: "alerte du hub",
    alerte.AlerteEcheance: "échéance qui approche ou est passée",
    alerte.AlerteSilence: "partenaire silencieux",
    observation.ObservationEnregistrement: "étape transmise à l'observation sociale",
    observation.ObservationIndicateur: "indicateur publié",
}
"""French words for the message types that report no person's action."""
if wordless := {kind.NOM for kind in CONTRATS.values() if kind not in ACTES and kind not in NOUVELLES}:
    raise LookupError(f"contracts/mots.py : il manque les mots de {sorted(wordless)}")


def fait_of(kind: str) -> str:
    """Return the French words for what messages of the type `kind` report. Return an unknown type
    unchanged."""
    contrat = CONTRATS.get(kind)
    if contrat is None:
        return kind
    acte = ACTES.get(contrat)
    return acte.fait if acte else NOUVELLES.get(contrat, contrat.NOM)


def told_of(kind: str, name: str = "") -> str:
    """Return a French phrase such as « demande D-201 : adressée au SIAO ». It names the subject of a message,
    by its kind and by `name`, and then says what messages of the type `kind` report."""
    contrat = CONTRATS.get(kind)
    nom = NOMS.get(contrat.NATURE) if contrat is not None and contrat.NATURE is not None else None
    about = " ".join(filter(None, (nom, name)))
    return f"{about} : {fait_of(kind)}" if about else fait_of(kind)
