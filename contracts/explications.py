"""French texts about states, messages and refusals, for partners and for people who follow a subject."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, NamedTuple

from contracts.base import Contrat, Nature
from contracts.partner import Famille
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
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.echeance import Echeance, EcheanceAtteinte, Etape, SuiteEcheance
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
        "ENTREE": "suivie d'une entrée",
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
        "DESIGNE": "désigné au SIAO",
        "ORIENTE": "orienté par le SIAO",
        "A_ATTRIBUER": "à attribuer par le préfet, le délai du SIAO étant passé",
        "ATTRIBUE": "attribué à un organisme par le préfet",
        "ACCUEILLI": "accueilli",
        "RETIRE_PAR_L_ETAT": "retiré par l'État",
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
"""French words for each state, by the kind of its subject."""

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
    """French words for the action that a message reports."""

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
    _D.DemandeRecue: Acte("l'adresser", "reçue"),
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
    _P.PlaceVacancePrevisible: Acte("annoncer sa vacance", "vacance annoncée"),
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
    _C.DerogationAccordee: Acte("la signer", "signée"),
    _C.DerogationContestee: Acte("la contester", "contestée"),
    _C.DerogationDenoncee: Acte("la dénoncer", "dénoncée"),
}
"""French words for each message type that people send."""


class Selon(NamedTuple):
    """French infinitives for a message type, by the value of the field `champ`."""

    champ: str
    mots: Mapping[Any, str]


SELON: Mapping[type[Contrat], Selon] = {
    _A.DecisionCommission: Selon(
        "resultat",
        {
            ResultatCommission.ATTRIBUTION: "dire l'attribution",
            ResultatCommission.ATTRIBUTION_RANG: "dire une attribution avec rang",
            ResultatCommission.SOUS_CONDITION: "dire une attribution sous condition",
            ResultatCommission.NON_ATTRIBUTION: "dire la non-attribution",
            ResultatCommission.IRRECEVABILITE: "la dire irrecevable",
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
"""French infinitives for the message types whose words depend on their content."""


def faire_of(contrat: Contrat) -> str:
    """Return the French infinitive for the action that this message reports. It completes « on ne peut pas …
    »."""
    acte, selon = ACTES.get(type(contrat)), SELON.get(type(contrat))
    said = acte.faire if acte else "le dire"
    return selon.mots.get(getattr(contrat, selon.champ), said) if selon else said


SANS_EFFET: Mapping[str, str] = {
    "deja_connu": "Rien de nouveau : cette information était déjà connue, ou une plus récente l'est.",
    "non_corrige": "Une suite est déjà connue : la première information reste. Pour la corriger, appelez le SIAO.",
    "plus_ancien": "Une version plus récente de vous est déjà connue.",
    "place_reservee": "La place est réservée, et le reste.",
    "classe": "Classé sans effet par l'équipe du hub.",
    "rattache": "Rattaché par l'équipe du hub à l'envoi qu'il concernait : voyez l'événement suivant.",
}
"""French explanations of events that rightly had no effect, by reason."""


NOT_YET = "Accepté, pas encore appliqué."
"""French explanation of an event that is still to be applied."""

NOT_YOURS = (MotifAnomalie.SUJET_INCONNU, MotifAnomalie.EMETTEUR_INATTENDU)
"""Reasons with the same explanation, so that a sender without a part in a subject does not learn whether the
subject exists."""
LOST_PLACE = (MotifAnomalie.PLACE_DEJA_RESERVEE, MotifAnomalie.PLACE_NON_DISPONIBLE)
TOO_LATE = (*LOST_PLACE, MotifAnomalie.REPONSE_TARDIVE)
"""Reasons for which an answer comes too late: the place is given away, or the time is over."""


def explained(
    kind: str,
    motif: str,
    etat: str | None,
    famille: Famille | None,
    faire: str | None = None,
    permis: Sequence[str] = (),
) -> str:
    """Return the French explanation why a message of type `kind` had no effect, and what its sender can do.

    `famille` is the sender's family, `etat` the subject's state then, `faire` the infinitive for the refused
    action, `permis` the allowed actions.
    """
    if motif in SANS_EFFET:
        return SANS_EFFET[motif]
    contrat = CONTRATS.get(kind)
    nature = (contrat.NATURE if contrat else None) or Nature.ORIENTATION
    why = _why(contrat, nature, motif, etat, faire)
    if permis:
        why = f"{why} Vous pouvez : {', '.join(permis)}."
    helper = "l'équipe du hub" if famille is Famille.SIAO else "le SIAO"
    return f"{why} En cas de doute, appelez {helper}."


def to_tell(partner: str | None) -> str:
    """Return the French text that asks a SIAO to inform a partner of a changed household, because the
    partner's software cannot."""
    return (
        f"« {partner} », à qui vous avez confié ce ménage, ne lit pas les alertes : dites-lui vous-même qu'il a "
        "changé. En cas de doute, appelez l'équipe du hub."
    )


def _why(
    contrat: type[Contrat] | None,
    nature: Nature,
    motif: str,
    etat: str | None,
    faire: str | None,
) -> str:
    if motif in NOT_YOURS:
        return "Rien qui vous concerne n'a cet identifiant : reprenez celui de l'envoi que vous avez reçu."
    if nature is Nature.CANDIDATURE and motif in SOUS_CONVENTION:
        sent = "La candidature est transmise." if etat else "La candidature n'est pas transmise."
        return f"{SOUS_CONVENTION[motif]} {sent}"
    if motif in MOTIFS:
        return MOTIFS[motif]
    if motif in LOST_PLACE:
        lost = (
            "était tenue pour un autre ménage"
            if nature is Nature.PLACE
            else "n'est plus tenue pour ce ménage"
        )
        return f"La place {lost}."
    acte = faire or (ACTES[contrat].faire if contrat is not None and contrat in ACTES else "le dire")
    return f"Cette {NOMS.get(nature, 'orientation')} est {etat_of(nature, etat)} : on ne peut pas {acte}."


SOUS_CONVENTION: Mapping[str, str] = {
    MotifAnomalie.SANS_CONVENTION: "Ce canal demande une convention : citez son numéro. Avec un collecteur d'Action "
    "Logement, le préfet la négocie ; avec une collectivité, vous la signez avec elle ; un accord collectif lie le "
    "préfet et les bailleurs.",
    MotifAnomalie.ACTE_INCONNU: "Aucune convention signée n'a ce numéro dans votre département. Vérifiez-le, ou "
    "demandez au préfet si elle est conclue.",
    MotifAnomalie.ACTE_NON_SIGNE: "Tous n'ont pas encore signé cette convention : chacun de ses signataires le doit.",
    MotifAnomalie.HORS_DATES: "La convention ne vaut pas aujourd'hui : elle n'a pas commencé, elle a expiré, ou elle "
    "est dénoncée. Ses signataires peuvent en signer une autre.",
    MotifAnomalie.HORS_ACTE: "La convention porte sur un autre canal, ou est passée avec un autre organisme. Citez "
    "celle qui vaut pour cet envoi : par liste ou un par un, avec ce destinataire.",
    MotifAnomalie.SANS_LABEL: "Ce ménage n'est pas encore labellisé, et le label se donne ici avant la commission. En "
    "urgence il se donne après : il reste attendu.",
}
"""French explanations for a candidacy without the agreement or label for its channel, by reason."""
MOTIFS: Mapping[str, str] = {
    MotifAnomalie.RESSOURCES_EN_URGENCE: "En urgence, l'accueil est inconditionnel (L345-2-2 CASF) : le manque de "
    "ressources n'y est pas un motif de refus. Donnez-en un autre.",
    MotifAnomalie.REPONSE_TARDIVE: "Le délai de réponse est passé : le ménage est revenu au SIAO, qui sait votre "
    "réponse.",
    MotifAnomalie.AUTRE_GESTIONNAIRE: "Les places d'une orientation sont d'un seul gestionnaire : adressez-en une à "
    "chacun.",
    MotifAnomalie.AUTRE_SIAO: "Cette place ou cette structure est celle d'un autre SIAO, qui seul peut vous l'ouvrir : "
    "proposez-lui la demande (demande.transferee), ou citez dans `convention` l'accord en vigueur entre vos deux SIAO.",
    MotifAnomalie.ORIENTE_PAR_UN_AUTRE_SIAO: "Un autre SIAO oriente un ménage vers une structure de votre territoire, "
    "sous votre accord ou après votre transfert. La structure lui répond.",
    MotifAnomalie.SANS_DEROGATION: "L'admission est prise en compte, et le SIAO sait qu'elle est sans dérogation.",
    MotifAnomalie.OCCUPEE_SANS_ORIENTATION: "La place est notée occupée, et aucune orientation acceptée n'y menait. "
    "Quel public, à quel titre ? Un ménage y est entré sans le SIAO : dites admission.directe. Par une orientation : "
    "entree.constatee. Une erreur : place.vacante. Un mouvement interne ou une naissance : place.occupee, avec cette "
    "raison. Sans réponse de vous après un jour ouvré, le SIAO le saura.",
    MotifAnomalie.ACTE_INCONNU: "Aucun acte signé n'a ce numéro dans votre département. Vérifiez-le ; sinon faites "
    "signer la dérogation par le SIAO et les services de l'État. L'admission est prise en compte.",
    MotifAnomalie.ACTE_NON_SIGNE: "Tous n'ont pas signé cet acte : le gestionnaire, le SIAO et l'État le doivent. "
    "L'admission est prise en compte.",
    MotifAnomalie.HORS_DATES: "L'acte ne vaut pas ce jour-là : il n'a pas commencé, il a expiré, ou il est dénoncé. Le "
    "SIAO et l'État peuvent en signer un autre avec vous. L'admission est prise en compte.",
    MotifAnomalie.HORS_ACTE: "L'acte porte sur d'autres places, ou sur une autre structure. L'admission est prise en "
    "compte.",
    MotifAnomalie.QUOTA_EPUISE: "Toutes les places de la dérogation sont déjà attribuées. Dites les sorties, ou faites "
    "signer un avenant. L'admission est prise en compte.",
    MotifAnomalie.RESERVE_A_L_ETAT: "L'orientation est transmise, mais cette place est réservée à l'État, et aucune "
    "convention en vigueur ne vous laisse l'attribuer. Si l'État a désigné ce ménage, nommez la candidature qu'il a "
    "désignée. Sinon présentez-le-lui (canal CONTINGENT), ou citez la convention : le préfet la signe avec vous.",
    MotifAnomalie.RANG_CADUC: "Un autre ménage a signé pour ce logement : le rang de celui-ci est caduc, et sa "
    "candidature est close. Le SIAO peut le présenter de nouveau.",
    MotifAnomalie.MENAGE_SEPARE: "Ce ménage s'est séparé : des personnes l'ont quitté et ont leur propre dossier. Ce "
    "que vous aviez reçu vaut pour celles qui restent. Le SIAO vous dira ce qui change.",
    MotifAnomalie.MENAGE_REUNI: "Ce ménage vit désormais avec un autre. Ce que vous aviez reçu continue sous le même "
    "identifiant. Le SIAO vous dira ce qui change.",
    MotifAnomalie.NUMERO_DE_SEJOUR_PRIS: "L'admission est prise en compte, mais ce numéro est celui d'un autre séjour, "
    "en cours ou terminé : la sortie de ce ménage n'est pas attendue. Redites l'admission sous un autre numéro.",
    MotifAnomalie.SEJOUR_PRECEDENT_OUVERT: "Un autre ménage est admis dans la place de celui-ci, dont la sortie n'est "
    "pas dite : son séjour reste ouvert. Dites sa sortie, sous le numéro de ce séjour.",
    MotifAnomalie.SIGNATURE_DIFFERENTE: "Vos termes ne sont pas ceux qui sont déjà signés sous ce numéro (dates, "
    "nombre de places, objet, signataires) : votre signature ne compte pas. Signez les mêmes, ou donnez un autre "
    "numéro à un avenant.",
    MotifAnomalie.SIGNATAIRES_INCOMPLETS: "Il manque un signataire : le préfet pour un accord avec un CIL, un "
    "accord collectif ou le contingent, le SIAO pour les autres, et toujours l'organisme avec qui la convention est "
    "passée ; sous le numéro d'un autre département, quelqu'un de ce département. Ajoutez son SIRET, tel qu'il figure "
    "au registre du hub.",
    MotifAnomalie.SANS_ADMISSION: "Aucun ménage n'est admis par cette orientation : dites d'abord son admission "
    "(admission.prononcee), puis renvoyez la demande d'aide sociale.",
    MotifAnomalie.SANS_STATUT_CHRS: "L'aide sociale à l'hébergement concerne les places de statut CHRS, et cette place "
    "est dite ne pas l'avoir. Si c'est une erreur, renvoyez la demande avec son statut ; si elle est déjà transmise, "
    "dites-le par aide-sociale.completee.",
    MotifAnomalie.STATUT_CHRS_INCONNU: "La demande est transmise aux services de l'État. Mais personne ne dit si cette "
    "place a le statut CHRS : tant que c'est inconnu, un silence n'accorde rien. Dites-le par aide-sociale.completee.",
    MotifAnomalie.DESCRIPTION_INCOMPLETE: "Ce ménage est déjà sur la liste, et cette déclaration en dit moins que la "
    "dernière description, qui reste. Redites tout ; si ce n'est plus vrai, dites menage.pret-logement.actualise.",
    MotifAnomalie.MENAGE_INCERTAIN: "Cet avis n'est transmis à personne : vous y nommez une candidature sans le ménage "
    "qu'elle présente, ou n'y nommez plus ceux de votre avis précédent. Redites-le avec le ménage et sa candidature.",
    MotifAnomalie.MINEUR_SEUL: "Le message est pris en compte. Aucun adulte dans ce ménage, d'après les âges ou la "
    "composition. Si c'est une erreur, corrigez-les. Sinon, prévenez sans attendre l'aide sociale à l'enfance : le "
    "SIAO est averti aussi.",
    MotifAnomalie.AGES_ET_COMPOSITION: "Le message est pris en compte. Les âges ne donnent pas ce nombre d'adultes et "
    "d'enfants : corrigez les uns ou les autres, si c'est une erreur.",
    MotifAnomalie.SEXES_ET_COMPOSITION: "Le message est pris en compte. La composition dit un autre sexe que celui des "
    "adultes : corrigez l'un ou l'autre, si c'est une erreur. Personne n'est refusé pour cela.",
    MotifAnomalie.DEMANDE_INCONNUE: "L'orientation est prise en compte ; la demande qu'elle cite n'est pas connue.",
    MotifAnomalie.DEMANDE_CLOSE: "L'orientation est prise en compte ; la demande qu'elle cite est close.",
    MotifAnomalie.TERRITOIRE_SANS_SIAO: "Aucun autre SIAO n'est relié au hub pour ce territoire : la demande reste "
    "chez vous. Vérifiez le code du territoire, ou convenez du transfert avec ce SIAO hors du hub.",
    MotifAnomalie.TRANSFERT_EN_COURS: "Le transfert est déjà proposé à un autre SIAO, qui n'a pas répondu : attendez "
    "sa réponse, ou retirez d'abord cette proposition.",
    MotifAnomalie.TRANSFERT_SANS_OBJET: "Aucun transfert de cette demande n'attend de réponse : il est accepté, "
    "refusé, retiré, ou son délai est passé.",
    MotifAnomalie.DEMANDE_TRANSFEREE: "Un autre SIAO suit cette demande depuis qu'il en a accepté le transfert : "
    "dites-le-lui.",
}


def etat_of(nature: Nature, etat: str | None) -> str:
    """Return the French words for a state. An unknown state is returned unchanged."""
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
    _C.ConventionBilan: "bilan d'un trimestre du collecteur",
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
    alerte.AlerteAnomalie: "message sans effet",
    alerte.AlerteEcheance: "échéance qui approche ou est passée",
    alerte.AlerteSilence: "partenaire silencieux",
    observation.ObservationEnregistrement: "étape transmise à l'observation sociale",
    observation.ObservationIndicateur: "indicateur publié",
}
"""French words for message types that report no person's action."""
if wordless := {kind.NOM for kind in CONTRATS.values() if kind not in ACTES and kind not in NOUVELLES}:
    raise LookupError(f"contracts/explications.py : il manque les mots de {sorted(wordless)}")


def fait_of(kind: str) -> str:
    """Return the French words for a message type; its short name if the type has no words."""
    contrat = CONTRATS.get(kind)
    if contrat is None:
        return kind
    acte = ACTES.get(contrat)
    return acte.fait if acte else NOUVELLES.get(contrat, contrat.NOM)


ATTENDUS: Mapping[Echeance, str] = {
    Echeance.REMISE: "la remise par le hub",
    Echeance.ACCUSE: "l'accusé de lecture",
    Echeance.DECISION: "la réponse à l'orientation",
    Echeance.PRESENTATION: "l'arrivée du ménage, ou son absence",
    Echeance.AIDE_SOCIALE: "la réponse du préfet",
    Echeance.PIECES: "les pièces qui manquent à la demande d'aide sociale : sans elles, le mois du préfet ne court pas",
    Echeance.PROLONGATION: "la demande de prolongation de l'aide sociale, un mois au plus tard avant la fin",
    Echeance.DAHO: "l'orientation d'un ménage que le préfet a désigné (DAHO)",
    Echeance.ACCUEIL_DAHO: "l'accueil d'un ménage que le préfet a désigné (DAHO)",
    Echeance.ATTRIBUTION_DAHO: "l'attribution à un organisme d'un ménage que le SIAO n'a pas orienté à temps (DAHO)",
    Echeance.AVIS_INSTANCE: "l'avis du SIAO sur un ménage à l'ordre du jour d'une instance",
    Echeance.COMMISSION: "la décision de la commission",
    Echeance.REPONSE_DU_MENAGE: "la réponse du ménage",
    Echeance.BAIL: "la signature du bail",
    Echeance.ACCOMPAGNEMENT: "la réponse à la demande d'accompagnement",
    Echeance.EVALUATION: "l'évaluation demandée par le SIAO",
    Echeance.VALIDITE_EVALUATION: "une nouvelle évaluation du ménage : la dernière ne vaut plus ensuite",
    Echeance.SIGNALEMENT: "ce que devient une personne signalée à la rue",
    Echeance.TRANSFERT: "la réponse à la proposition de transfert",
    Echeance.BILAN_DU_QUART: "le bilan du collecteur : ses attributions, dont les ménages DALO et ceux de l'accord",
    Echeance.FIN_DE_L_ACTE: "la fin de l'acte",
    Echeance.REPONSE_LISTE: "la réponse d'un lecteur de la liste sur ce ménage",
    Echeance.DECLARATION: "la réponse au partenaire qui dit ce ménage prêt au logement : confirmez-le, ou refusez-le",
    Echeance.CONFIRMATION: "la confirmation que ce ménage est encore prêt au logement : actualisez-le, ou retirez-le",
    Echeance.EXPLICATION: "qui occupe la place, et à quel titre : aucune orientation acceptée n'y menait",
    Echeance.JUSTIFICATION: "le titre de l'admission sans le SIAO : une dérogation, ou l'urgence",
}
"""French words for the awaited answer in a reminder, by deadline."""
SUITES: Mapping[SuiteEcheance, str] = {
    SuiteEcheance.SANS_REPONSE: "L'orientation est close, restée sans réponse : la place est libérée.",
    SuiteEcheance.SANS_ACCOMPAGNEMENT: "La demande d'accompagnement est close, restée sans réponse : le SIAO peut en "
    "demander un autre.",
    SuiteEcheance.SANS_AVIS: "L'instance examine le ménage sans l'avis du SIAO ; il peut encore le donner.",
    SuiteEcheance.REFUS_DU_MENAGE: "Le silence du ménage vaut refus.",
    SuiteEcheance.REPONSE_A_DIRE: "Au bailleur de dire ce que le ménage a répondu, ou qu'il n'a pas répondu : lui seul "
    "dit un refus (R441-10 CCH).",
    SuiteEcheance.TRANSFERT_CADUC: "La proposition de transfert est close : la demande reste au SIAO qui la suit.",
    SuiteEcheance.AIDE_SOCIALE_ACCORDEE: "La demande d'aide sociale est réputée acceptée si le préfet l'a bien reçue.",
}


def reminded(alert: AlerteEcheance) -> str:
    """Return the French text of a reminder, or of the notice that a deadline has passed."""
    what = ATTENDUS.get(alert.echeance, "une réponse")
    due = f"{alert.due_le.astimezone(UTC):%d/%m/%Y à %H:%M} (UTC)"
    if alert.etape in (Etape.MI_DELAI, Etape.BIENTOT):
        return f"Rappel, attendu avant le {due} : {what}."
    after = SUITES.get(alert.suite) if alert.suite else None
    return " ".join(filter(None, (f"Délai passé, attendu avant le {due} : {what}.", after)))
