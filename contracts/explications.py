"""Explain to partners, in French, why a message had no effect, and what a reminder asks for."""

from collections.abc import Mapping, Sequence
from datetime import UTC

from contracts.base import Contrat, Nature
from contracts.mots import ACTES, NOMS, etat_of
from contracts.partner import Famille
from contracts.v1 import CONTRATS
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.demande import DemandeRecue
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from contracts.v1.orientation import OrientationProposee

SANS_EFFET: Mapping[str, str] = {
    "deja_connu": "Rien de nouveau : cette information était déjà connue, ou une plus récente l'est.",
    "non_corrige": "Une suite est déjà connue : la première information reste. Pour la corriger, appelez le SIAO.",
    "plus_ancien": "Une version plus récente de vous est déjà connue.",
    "place_reservee": "La place est réservée, et le reste.",
    "classe": "Classé sans effet par l'équipe du hub.",
    "rattache": "Rattaché par l'équipe du hub à l'envoi qu'il concernait : voyez l'événement suivant.",
}
"""French explanations for events that had no effect although nothing was wrong, by the code of the reason."""
NUMERO_PRIS = (
    "Ce numéro est déjà celui d'une de vos demandes, qui reste telle quelle. Pour un autre ménage, donnez un autre "
    "numéro. Pour le même, envoyez une mise à jour de la demande."
)
"""French explanation for a new demand that had no effect, because its sender had already used its number for
another demand."""


def idle(kind: str, motif: str) -> str | None:
    """Return in French why a message had no effect although it broke no rule, for example because it was a
    repetition. `kind`: type of the message; `motif`: code of the reason. Return None if there is no text for
    this code."""
    return NUMERO_PRIS if (kind, motif) == (DemandeRecue.TYPE, "deja_connu") else SANS_EFFET.get(motif)


NOT_YET = "Accepté, pas encore appliqué."
"""French text about an event that is still to be applied."""

NOT_YOURS = (MotifAnomalie.SUJET_INCONNU, MotifAnomalie.EMETTEUR_INATTENDU)
"""Reasons that share one explanation. So a sender does not learn from it whether the subject exists."""
LOST_PLACE = (MotifAnomalie.PLACE_DEJA_RESERVEE, MotifAnomalie.PLACE_NON_DISPONIBLE)
TOO_LATE = (*LOST_PLACE, MotifAnomalie.REPONSE_TARDIVE)
"""Reasons why a message comes too late: its place is held for another household or is not free, or the time
for the answer is over."""


def explained(
    kind: str,
    motif: str,
    etat: str | None,
    famille: Famille | None,
    faire: str | None = None,
    permis: Sequence[str] = (),
) -> str:
    """Return in French why a message had no effect, and what its sender can do.

    `kind`: type of the message. `motif`: code of the reason. `etat`: state of the subject when the message
    came, or its present state if the earlier one is unknown; None if both are unknown. `famille`: type of the
    partner that reads the explanation, mostly the sender. A SIAO is told to call the hub's team; any other
    partner, to call the SIAO. `faire`: what the sender wanted to do, as a French infinitive; None for the
    usual infinitive of the message type. `permis`: what the sender may do in the subject's present state, as
    French infinitives.
    """
    if why := idle(kind, motif):
        return why
    contrat = CONTRATS.get(kind)
    nature = (contrat.NATURE if contrat else None) or Nature.ORIENTATION
    why = _why(contrat, nature, motif, etat, faire)
    if permis:
        why = f"{why} Vous pouvez : {', '.join(permis)}."
    helper = "l'équipe du hub" if famille is Famille.SIAO else "le SIAO"
    return f"{why} En cas de doute, appelez {helper}."


def to_tell(partner: str | None) -> str:
    """Return the French text by which the hub asks a SIAO to tell a partner that a household has changed. The
    SIAO must do so because the partner's software reads no alerts. `partner`: the partner's id. In fact it is
    never None, because every alert about a changed household names a partner."""
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
    if contrat is OrientationProposee and motif in PLACE_VOULUE:
        return PLACE_VOULUE[motif]
    if motif in LOST_PLACE:
        lost = (
            "était tenue pour un autre ménage"
            if nature is Nature.PLACE
            else "n'est plus tenue pour ce ménage"
        )
        return f"La place {lost}."
    acte = faire or (ACTES[contrat].faire if contrat is not None and contrat in ACTES else "le dire")
    return f"Cette {NOMS.get(nature, 'orientation')} est {etat_of(nature, etat)} : on ne peut pas {acte}."


PLACE_VOULUE: Mapping[str, str] = {
    MotifAnomalie.PLACE_DEJA_RESERVEE: "La place est déjà tenue pour un autre ménage : choisissez-en une autre.",
    MotifAnomalie.PLACE_NON_DISPONIBLE: "La place n'est pas libre, ou pas au jour demandé : choisissez-en une autre.",
}
"""French explanations for a new referral that cannot have its place, by reason."""
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
"""French explanations for a candidacy without a valid agreement or label, by reason."""
MOTIFS: Mapping[str, str] = {
    MotifAnomalie.RESSOURCES_EN_URGENCE: "En urgence, l'accueil est inconditionnel (L345-2-2 CASF) : le manque de "
    "ressources n'y est pas un motif de refus. Donnez-en un autre.",
    MotifAnomalie.SERVICE_INCONNU: "Aucun partenaire relié au hub ne reçoit cette demande : nommez le service qui "
    "accompagne, ou qui évalue, par le SIRET ou le FINESS qu'il a au registre du hub.",
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
    "reconduction, structure, places, objet, organisme, attribution, signataires) : votre signature ne compte pas. "
    "Signez les mêmes, ou donnez un autre numéro à un avenant.",
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
    Echeance.RESERVATION: "la réponse à l'orientation pour laquelle la place était retenue",
}
"""French words for what a reminder says is awaited, by kind of deadline."""
SUITES: Mapping[SuiteEcheance, str] = {
    SuiteEcheance.SANS_REPONSE: "L'orientation est close, restée sans réponse : la place est libérée.",
    SuiteEcheance.SANS_ACCOMPAGNEMENT: "La demande d'accompagnement est close, restée sans réponse : le SIAO peut en "
    "demander un autre.",
    SuiteEcheance.LIBERATION: "La place n'est plus retenue : le SIAO peut y orienter un ménage pour le jour où son "
    "occupant la quitte.",
    SuiteEcheance.SANS_AVIS: "L'instance examine le ménage sans l'avis du SIAO ; il peut encore le donner.",
    SuiteEcheance.REFUS_DU_MENAGE: "Le silence du ménage vaut refus.",
    SuiteEcheance.REPONSE_A_DIRE: "Au bailleur de dire ce que le ménage a répondu, ou qu'il n'a pas répondu : lui seul "
    "dit un refus (R441-10 CCH).",
    SuiteEcheance.TRANSFERT_CADUC: "La proposition de transfert est close : la demande reste au SIAO qui la suit.",
    SuiteEcheance.AIDE_SOCIALE_ACCORDEE: "La demande d'aide sociale est réputée acceptée si le préfet l'a bien reçue.",
}


def reminded(alert: AlerteEcheance) -> str:
    """Return the French text of an alert about a deadline: a reminder, or the notice that the deadline has
    passed."""
    what = ATTENDUS.get(alert.echeance, "une réponse")
    due = f"{alert.due_le.astimezone(UTC):%d/%m/%Y à %H:%M} (UTC)"
    if alert.etape in (Etape.MI_DELAI, Etape.BIENTOT):
        return f"Rappel, attendu avant le {due} : {what}."
    after = SUITES.get(alert.suite) if alert.suite else None
    return " ".join(filter(None, (f"Délai passé, attendu avant le {due} : {what}.", after)))
