"""All types of lines in the technical log, with their level and their meaning in French.

An operator has to look at each line of the level `error` or `critical`, and may look at each `warning`. The
page `docs/journal.md` is generated from this table.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from router.telemetry.outage import ENDED, LASTS, STARTED

Level: TypeAlias = Literal["info", "warning", "error", "critical"]


class LogEvent(NamedTuple):
    """Type of line that the hub's processes write to their technical log, with its level and meaning."""

    level: Level
    means: str
    """Meaning in French, for `docs/journal.md`."""


EVENTS: Mapping[str, LogEvent] = {
    # --- processes
    "hub.inherited": LogEvent(
        "info",
        "un processus mort de cette machine est remplacé : ses baux et ses voies (`lanes`) sont repris",
    ),
    "hub.started": LogEvent("info", "le processus est au travail ; `partners` : combien au registre"),
    "hub.stopped": LogEvent("error", "le processus s'arrête ; `reason` dit ce qu'il faut corriger"),
    "process.restarted": LogEvent("error", "un processus du groupe est mort (`status`) et repart"),
    "process.given_up": LogEvent(
        "error",
        "un processus s'arrête à chaque départ pour une raison de réglage, que dit son `hub.stopped` : tout le groupe "
        "s'arrête, sans repartir",
    ),
    "process.crashed": LogEvent("critical", "une faute du hub a arrêté le processus ; `where`, `stack`"),
    # --- outages
    STARTED: LogEvent(
        "error",
        "`of` ne répond plus : `postgresql`, `kafka`, `worker` (une faute du hub l'arrête), `sortie` ou `entree` d'un "
        "partenaire (`partner`), `porte` (un réglage à corriger : 503 à ce partenaire), `courriel`, `webhook`, "
        "`port` ; `reason` dit ce qu'on en sait",
    ),
    LASTS: LogEvent(
        "warning", "cela dure depuis `seconds` secondes, `failures` essais ; une ligne par minute"
    ),
    ENDED: LogEvent("info", "c'est revenu, après `seconds` secondes et `failures` essais"),
    # --- intake
    "message.refused": LogEvent(
        "warning",
        "des messages d'un partenaire sont refusés (`number`, et `first`, le premier) ; `code` dit pourquoi",
    ),
    "intake.bug": LogEvent("error", "une faute du hub a refusé des lignes d'un partenaire ; `where`"),
    "transaction.halved": LogEvent(
        "warning",
        "une transaction de `number` messages ou événements a échoué et se refait par moitiés ; `of` : qui la fait, "
        "`cause` : pourquoi, `times` : combien de fois depuis la dernière ligne",
    ),
    "bulk.bug": LogEvent(
        "error", "une faute du hub a arrêté la lecture d'un gros fichier ; `message`, `where`"
    ),
    "source.bug": LogEvent(
        "error", "une faute du hub a interrompu le relevé d'un partenaire ; il reprend seul"
    ),
    "decoder.died": LogEvent(
        "error", "un message a dépassé son temps ou sa mémoire de lecture : il est refusé"
    ),
    "gateway.not_recovered": LogEvent(
        "error",
        "la base est revenue en arrière, et le bus n'est pas relu : 503 à qui serait refusé d'après elle",
    ),
    "gateway.in_clear": LogEvent(
        "warning", "la porte n'a ni certificat ni répartiteur nommé : les clés passent en clair"
    ),
    "console.bug": LogEvent("error", "une faute du hub a empêché une page de la console ; `where`"),
    "console.links_dropped": LogEvent(
        "error", "trop de demandes de lien d'accès attendent le serveur de courriel : celle-ci est perdue"
    ),
    "console.provider_is_silent": LogEvent(
        "warning", "le fournisseur d'identité ne répond pas : un profil retiré y garde son accès ; `reason`"
    ),
    "door.accept_failed": LogEvent("error", "la porte ne peut plus prendre de connexion ; `reason`"),
    "authentication.failed": LogEvent(
        "warning", "une adresse essaie des clés : `failures`, dit à 1, 2, 4, 8…"
    ),
    "certificate.renewed": LogEvent("info", "le certificat renouvelé de la porte est pris"),
    "certificate.misconfigured": LogEvent(
        "error", "le nouveau certificat de la porte ne se lit pas : l'ancien sert"
    ),
    "source.folder_too_long": LogEvent("warning", "un dossier a trop de fichiers : il est lu par morceaux"),
    "source.dated_ahead": LogEvent(
        "warning", "des fiches d'une API sont datées dans le futur : leur date ne compte pas"
    ),
    "source.file_too_large": LogEvent(
        "warning",
        "un fichier déposé est trop gros : son expéditeur le lit",
    ),
    "source.halted": LogEvent(
        "error",
        "un lot d'un topic de partenaire ne peut être lu (`topic`, `partition`, `first`, `reason`) ; au deuxième essai "
        "(`attempts`) la lecture est en pause ; « siao-hub partners reprendre »",
    ),
    "source.goes_on": LogEvent("info", "une lecture en pause a repris à l'offset que quelqu'un a dit (`at`)"),
    # --- applying of events
    "quarantine.kept": LogEvent(
        "error",
        "des événements vont en quarantaine (`number`, et `first`, la première entrée) ; leurs sujets attendent",
    ),
    "quarantine.undecided": LogEvent("error", "la quarantaine attend depuis plus de 14 jours, chaque heure"),
    "bus.forged": LogEvent(
        "error", "des enregistrements de Kafka ne sont pas du hub, ou ont été changés : sans effet"
    ),
    "bus.not_kept": LogEvent("warning", "trop d'enregistrements illisibles : ceux-là ne sont pas gardés"),
    "worker.dead_members_unseen": LogEvent(
        "error",
        "une faute du hub l'empêche de voir les ouvriers morts : leurs partitions attendent six secondes",
    ),
    "worker.dead_member_out": LogEvent(
        "info",
        "un ouvrier mort a été retiré du groupe Kafka : ses partitions n'attendent pas la fin de sa session",
    ),
    "worker.out_of_turn": LogEvent("warning", "Kafka a perdu un événement : le relais le publie de nouveau"),
    "worker.too_soon": LogEvent(
        "info",
        "des événements (de `subjects` sujets) sont venus avant ceux qu'ils citent : ils restent à appliquer",
    ),
    "worker.too_old": LogEvent(
        "warning",
        "une version plus récente a écrit des événements (`events`) que celle-ci ne lit pas : ils l'attendent, et "
        "leurs sujets avec eux",
    ),
    "dispatcher.too_old": LogEvent(
        "warning",
        "une version plus récente doit des livraisons (`deliveries`) que celle-ci ne sait pas écrire : elles "
        "l'attendent, et leurs voies avec elles",
    ),
    # --- deliveries
    "delivery.refused": LogEvent("error", "un partenaire a refusé une livraison : elle attend un humain"),
    "delivery.uncertain": LogEvent(
        "error", "personne ne sait si une livraison est arrivée : appeler le partenaire"
    ),
    "delivery.result_lost": LogEvent(
        "error",
        "la base a été absente jusqu'à la fin du bail : ces livraisons repartent, ou sont incertaines",
    ),
    "delivery.bug": LogEvent("error", "une faute du hub empêche une livraison : elle est refusée ; `where`"),
    "deliveries.late": LogEvent("error", "un partenaire attend ses livraisons depuis plus de 15 minutes"),
    "partner.misconfigured": LogEvent("error", "l'entrée d'une boîte à relever est à corriger ; `reason`"),
    # --- registry, keys, audit, time
    "registry.changed": LogEvent("info", "le registre appliqué est suivi : `added`, `changed`, `removed`"),
    "registry.misconfigured": LogEvent(
        "error",
        "une clé des empreintes manque (`reason`) : rien n'est accepté ; le registre est suivi tout de même",
    ),
    "keyring.pseudonyms_damaged": LogEvent(
        "error",
        "la clé des identifiants montrés aux partenaires est abîmée : ils changent ; ceux d'avant sont encore compris",
    ),
    "partner.unreadable": LogEvent(
        "error",
        "une entrée du registre ne peut être lue : l'ancienne vaut encore ; un partenaire nouveau n'est pas connu",
    ),
    "partner.structures_sealed": LogEvent(
        "error", "la liste des structures protégées ne s'ouvre pas : toutes celles du partenaire sont tues"
    ),
    "sftp.purged": LogEvent(
        "info", "ce que le hub avait mis sur le serveur d'un partenaire en est ôté, à son terme"
    ),
    "sftp.purge_waits": LogEvent("warning", "cela n'a pu se faire ; le hub recommence"),
    "base.took_over": LogEvent(
        "error",
        "un secours a pris la place de PostgreSQL : le bus est relu depuis `since` ; `lossless` : il avait tout",
    ),
    "base.recovered": LogEvent("info", "le bus est relu après une bascule ; `records` enregistrements"),
    "base.not_recovered": LogEvent(
        "error", "le bus ne peut être relu après une bascule, ou l'origine notée ; `reason`"
    ),
    "erasures.unreadable": LogEvent("error", "des lignes du journal des effacements ne se lisent pas"),
    "audit.bug": LogEvent(
        "error",
        "une faute du hub (`type`, `pile`) empêche de lier l'audit ; nouvel essai dans une minute",
    ),
    "audit.another_binds": LogEvent("info", "un autre processus lie l'audit : rien à faire"),
    "audit.misconfigured": LogEvent("error", "l'audit n'est plus signé ; `reason`"),
    "audit.restarted": LogEvent(
        "warning",
        "la base reprise avait perdu des maillons : l'audit repart du maillon `link`, sous signature",
    ),
    "audit.head_unpublished": LogEvent(
        "warning", "la tête de l'audit n'est pas sur le bus ; elle est au fichier"
    ),
    "audit.foreign_head": LogEvent("warning", "le topic des têtes a ce que le hub n'y a pas écrit"),
    "audit.unstamped": LogEvent(
        "warning", "la tête de l'audit n'est pas horodatée, et le sera plus tard ; `reason`"
    ),
    "audit.stamp_unpublished": LogEvent("warning", "l'horodatage n'est pas sur le bus ; il est au fichier"),
    "scheduler.retention": LogEvent("info", "ce que la rétention a retiré"),
    "scheduler.retention_waits": LogEvent(
        "warning", "la rétention n'a pas abouti ; elle reprend dans 5 minutes"
    ),
    "scheduler.lost": LogEvent(
        "error", "messages ou livraisons à retrouver, toutes les dix minutes : « siao-hub compte » les nomme"
    ),
    "scheduler.not_counted": LogEvent(
        "warning", "ce qui serait perdu n'a pas été compté ; au prochain tour, dans dix minutes"
    ),
    "scheduler.misconfigured": LogEvent("error", "la rétention ne peut se faire ; `reason`"),
    "duplicates.contradicts": LogEvent(
        "warning",
        "un SIAO dit d'une paire ce que d'autres décisions contredisent : rien n'est noté ; `menage`, `autre` : leurs "
        "identifiants",
    ),
    "duplicates.not_its_own": LogEvent(
        "warning",
        "un SIAO décide d'une paire qui ne lui est pas posée, ou dont il ne suit pas les ménages : rien n'est noté ; "
        "`menage`, `autre` : leurs identifiants",
    ),
    "duplicates.unreadable_card": LogEvent(
        "error",
        "la fiche d'un ménage ne se lit pas : il n'est pas comparé aux autres ; `menage` : son identifiant",
    ),
    # --- alarms
    "alarm.started": LogEvent(
        "error", "une alerte commence : `code` (docs/astreinte/), `about` : de qui ou de quoi"
    ),
    "alarm.ended": LogEvent("info", "elle est finie"),
    # --- libraries
    "library": LogEvent(
        "warning",
        "une bibliothèque avertit (`library`, `text`) ; le même texte une fois par minute, `times` fois depuis",
    ),
}
"""Types of lines in the technical log, by the value of the line's field `event`."""
