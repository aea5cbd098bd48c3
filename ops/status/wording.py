"""Give the French words for codes and states, as the command line and the console show them."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from contracts.errors import told_of
from contracts.plurals import counted, inflected, many
from contracts.ports import SORTS
from ops.status.quantities import ago, at, since
from router.domain.correspondents import OUR_FAULT, Contact, Correspondent, Lecture, SourceState
from router.domain.roles import Role
from router.domain.vitals import COUNTED, Answer, Etape
from router.store import jobs
from router.store.database import Row
from router.store.quarantine import KEY_TAKEN
from router.triage import BUG, FORGED

ETAPES = {
    Etape.DIFFERE: "différés",
    Etape.A_APPLIQUER: "à appliquer",
    Etape.MIS_DE_COTE: "mis de côté",
    Etape.A_LIVRER: "à livrer",
    Etape.EN_BOITE: "en boîte",
}
MEANINGS: Mapping[Etape, str] = {
    Etape.DIFFERE: "reçus, et pris un par un quand leur tour vient",
    Etape.MIS_DE_COTE: "derrière un événement du même sujet, qui est en quarantaine",
}
"""The explanations of those words of `ETAPES` that do not explain themselves."""
PIECES: Mapping[Answer, str] = {**{answer: str(answer) for answer in Answer}, Answer.MUET: "gelé"}
"""The French words for the state of PostgreSQL or Kafka."""
ROLES: Mapping[Role, str] = {
    Role.GATEWAY: "reçoit ce que les partenaires envoient",
    Role.SOURCES: "va chercher ce qu'ils déposent, et lit les gros fichiers",
    Role.RELAY: "publie sur Kafka ce qui est accepté",
    Role.WORKER: "applique les événements, et tient les délais",
    Role.DISPATCHER: "livre aux partenaires",
    Role.SCHEDULER: "veille : alertes, rétention, audit",
    Role.DOUBLONS: "cherche les ménages enregistrés deux fois",
    Role.CONSOLE: "montre ces pages",
}
CONTACTS: Mapping[Contact | None, str] = {
    Contact.JOIGNABLE: "joignable",
    Contact.INJOIGNABLE: "injoignable",
    Contact.ACCES_REFUSE: "accès refusé",
    Contact.REFUSE: "refuse tout",
    None: "jamais vu",
}
UNTRIED = "pas essayé"
"""The words that stand for « joignable » if nothing was delivered since the partner's own server became
unreadable."""
UNEMPTIED = "pas relevée"
"""The words that stand for « jamais vu » if a partner has never emptied its mailbox: it is the partner that
calls, not the hub."""
LECTURES = {
    Lecture.LISIBLE: "lisible",
    Lecture.ILLISIBLE: "illisible",
    Lecture.INCONNUE: "inconnue",
}
REJEUX = {
    jobs.WAITING: "en attente d'un ordonnanceur",
    jobs.RUNNING: "en cours",
    jobs.PAUSED: "en pause",
    jobs.CANCELLED: "annulé",
    jobs.DONE: "terminé",
}
REMEDES = {
    BUG: "notre faute : corriger, déployer, puis rejouer",
    KEY_TAKEN: "son expéditeur le renvoie sous une clé neuve, et le classer ici ; ou le rejouer, sous une clé à lui. "
    "Jamais les deux : il serait pris deux fois",
    "Unroutable": "compléter le registre, l'appliquer, puis rejouer",
}
"""What to do about an entry in quarantine, by cause."""
RENVOI = "son expéditeur corrige et renvoie, ou quelqu'un corrige ici"
"""What to do about a message whose content was refused."""
HUB, PARTNER, SIAO = "le hub", "le partenaire", "le SIAO"
"""The sides that may have to act."""
OURS = {BUG, "Unroutable", OUR_FAULT}
"""The causes that only the hub's team can remedy."""


def turn_of(cause: str, *, is_siao: bool) -> str:
    """Return who has to act after a refusal with this cause. It is the hub's team (`HUB`) if the hub is at
    fault, else the sender (`SIAO` or `PARTNER`)."""
    return HUB if cause in OURS else side_of(is_siao=is_siao)


def side_of(*, is_siao: bool) -> str:
    """Return the French words for a partner that has to act: `SIAO` (« le SIAO ») for a SIAO, `PARTNER` (« le
    partenaire ») for any other partner."""
    return SIAO if is_siao else PARTNER


WAITING = ("en_attente", "en_vol")
"""The states of a delivery still to be sent."""


ACCENTED: Mapping[str, str] = {
    "accompagne": "accompagné",
    "deja": "déjà",
    "etablissement": "établissement",
    "etat": "état",
    "etrangere": "étrangère",
    "evenement": "événement",
    "incoherence": "incohérence",
    "numero": "numéro",
    "perimee": "périmée",
    "reference": "référence",
    "repetition": "répétition",
}
"""The spelling with accents of the words in codes."""


CAUSES: Mapping[str, str] = {
    BUG: "faute du hub",
    FORGED: "pas du hub, ou changé depuis",
    "InvalidNative": "illisible",
    "InvalidContract": "contraire aux règles",
    "Unroutable": "sans destinataire au registre",
    "Refused": "refusé par le partenaire",
    "NameTaken": "un autre contenu y porte ce nom",
}
"""The French words for causes, by error class or code."""


CODE = re.compile(r"[a-z]+(_[a-z]+)+")
"""A pattern for the code of a rejection, such as « structure_etrangere »."""


_OF_A_FIELD = re.compile(r"\b([a-z]+(?:_[a-z]+)*):([^\W\d][^:]*?)(?= [a-z_]+:|$)")
"""A pattern for the code and the field of a rejection, such as « structure_etrangere:structure » or
« champ_absent:N° de demande »."""


def in_words(error: str) -> str:
    """Return an error's text with French words in place of the hub's codes: « champ_absent : demandes_csv »
    becomes « champ absent : demandes_csv ». A text without codes is returned unchanged."""
    cause, apart, rest = error.partition(" : ")
    word = spelled(cause) if cause in CAUSES or cause in ACCENTED or CODE.fullmatch(cause) else cause
    return f"{word}{apart}{reason_of(rest)}"


def reason_of(fingerprint: str) -> str:
    """Return the reason in an error fingerprint of a quarantine row, with French words in place of the codes of
    rejections."""
    return _OF_A_FIELD.sub(lambda found: f"{spelled(found[1])} ({found[2]})", fingerprint)


def spelled(code: str) -> str:
    """Return the French words, with accents, for a code of the hub, such as a cause of quarantine or a type
    of subject."""
    if code in CAUSES:
        return CAUSES[code]
    return " ".join(ACCENTED.get(word, word) for word in code.lower().replace("_", " ").split(" "))


ETATS = {
    **SORTS,
    "applique": "appliqué",
    "en_cours": "en cours de lecture",
    "rejouee": "rejouée, en chemin",
    "appliquee": "rejouée et appliquée",
    "resolue": "résolue",
    "classee": "classée",
    "en_vol": "peut-être arrivée",
    "livree": "livrée",
    "deposee": "déposée en boîte",
    "refusee": "refusée par le partenaire",
    "incertaine": "d'issue incertaine",
    "oubliee": "oubliée : les données du ménage sont détruites",
}
"""The French words for states. For a state that is not named here, `spelled` gives the words."""


TONS: Mapping[str, str] = {
    **dict.fromkeys(("livree", "applique", "accepte", "joignable", "lisible", "resolue", "termine"), "green"),
    "inconnue": "inconnu",
    **dict.fromkeys(("deposee", "en_vol", "en_cours", "rejouee", "appliquee"), "azure"),
    **dict.fromkeys(("en_attente", "partiel", "en_pause"), "yellow"),
    **dict.fromkeys(("refuse", "refusee", "incertaine", "quarantaine", "anomalie", "ouverte"), "red"),
    **dict.fromkeys(("injoignable", "acces_refuse", "illisible"), "red"),
}
"""The colour of each state in the console; `inconnu` is a grey."""


def contact_of(partner: Correspondent, now: datetime) -> str:
    """Return in French, in at most twelve characters, whether deliveries reach a partner. If `is_dated` is
    True for this partner, return instead when it was last reached, such as « vu à 02:41 »."""
    if partner.contact is None and partner.releve_h:
        return UNEMPTIED
    reached_at = _reached_at(partner, now)
    if reached_at is None:
        return CONTACTS[partner.contact]
    if partner.has_failed_since:
        return UNTRIED
    day, _, hour = at(reached_at, now).rpartition(" ")
    return f"vu le {day}" if day else f"vu à {hour}"


def is_dated(partner: Correspondent, now: datetime) -> bool:
    """Tell whether `contact_of` returns the time when the partner was last reached, such as « vu à 02:41 ».
    It does if three conditions are met:

    * the last attempt reached the partner, or the partner has looked into its mailbox;
    * the hub does not know whether the partner can be reached now;
    * if the hub also reads from the server to which it delivers, this reading has not failed since.
    """
    return _reached_at(partner, now) is not None and not partner.has_failed_since


def _reached_at(partner: Correspondent, now: datetime) -> datetime | None:
    return None if partner.contact is not Contact.JOIGNABLE or partner.is_news(now) else partner.seen_at


def last_contact_of(partner: Correspondent, now: datetime) -> str:
    """Return in French when the last attempt to reach a partner was, and how it ended. Return an empty text
    in two cases: the hub never tried, or it knows whether the partner can be reached now."""
    is_known = partner.is_news(now) if partner.contact is Contact.JOIGNABLE else partner.is_watched
    if partner.seen_at is None or is_known:
        return ""
    last = f"{at(partner.seen_at, now)} (dernier contact)"
    if partner.contact is Contact.JOIGNABLE and partner.has_failed_since:
        return f"{UNTRIED} depuis {last}, et la lecture du même serveur a échoué depuis lors"
    if not partner.is_watched:
        return f"{CONTACTS[partner.contact]} à {last}, et plus rien ne le vérifie"
    if partner.releve_h:
        return box_of(partner.last_poll, now)
    return f"{CONTACTS[partner.contact]} à {last}, rien livré depuis"


def reading_of(reading: SourceState, look: str, now: datetime) -> str:
    """Return in French whether the hub can read a partner's own server, or since when it cannot. `look` says
    in French when the hub tries next."""
    state = reading.state(now)
    said = [f"lecture {LECTURES[state]}"]
    if state is Lecture.INCONNUE:
        said.append(f"vue il y a {ago(reading.seen_at, now)}")
    if reading.failing_since is not None:
        said += [since(reading.failing_since, now), reading.cause or "", f"prochain essai {look}"]
    if reading.succeeded_at is not None:
        said.append(f"lu en entier il y a {ago(reading.succeeded_at, now)}")
    return " · ".join(filter(None, said))


def state_of(code: str) -> str:
    """Return the French words for a state of a message, a delivery or a quarantine row."""
    return ETATS.get(code) or spelled(code)


def whom(about: str, partners: Iterable[Correspondent]) -> str:
    """Return the name and telephone number of the partner whose id is the first word of `about`; an empty
    text if `partners` has no such partner."""
    partner = _partner_of(about, partners)
    return ", ".join(filter(None, (partner.nom, partner.telephone))) if partner else ""


def telephone(about: str, partners: Iterable[Correspondent]) -> str:
    """Return the telephone number of a partner. `about` says what a finding is about; its first word may be a
    partner's id. Return an empty text if `partners` has no partner with this id, or if the partner's number
    is unknown."""
    partner = _partner_of(about, partners)
    return (partner and partner.telephone) or ""


def _partner_of(about: str, partners: Iterable[Correspondent]) -> Correspondent | None:
    return next((each for each in partners if each.id == about.partition(" ")[0]), None)


def identified(partner: str, names: Mapping[str, str]) -> str:
    """Return a partner's name with the id that commands expect: « Foyer des Tilleuls (chrs-tilleuls) »."""
    name = names.get(partner, partner)
    return name if name == partner else f"{name} ({partner})"


NOTHING_CAME_BACK = "rien n'est encore revenu"


def also_of(also: Mapping[str, int]) -> str:
    """Return in French the causes of refusal beside the main one, such as « (12 aussi structure étrangère) »;
    an empty text if there are none. The text has a space in front, because it is appended to a sentence.
    `also` has the number of refused messages by cause."""
    named = ", ".join(
        f"{counted(number)} aussi {spelled(cause)}"
        for cause, number in sorted(also.items(), key=lambda c: -c[1])
    )
    return f" ({named})" if named else ""


def refused_of(refused: int, partner: Correspondent | None) -> str:
    """Write in French the number `refused`: how many messages were refused as a whole. If `partner` is given,
    add how many of its messages were accepted in part in the last 24 hours. A number that is 0 is left out.
    The text is empty if both are 0."""
    said = [many_or_more(refused, "envoi refusé")] if refused else []
    if partner is not None and partner.partials_24_h:
        rows = many(partner.rows_refused_24_h, "ligne refusée")
        what = (
            many(partner.partials_24_h, "accepté") if said else many(partner.partials_24_h, "envoi accepté")
        )
        said.append(f"{what} en partie ({rows})")
    return ", ".join(said)


def many_or_more(number: int, one: str, several: str | None = None) -> str:
    """Return a number with the things counted, as `many` does. If the counting stopped at the limit
    `COUNTED`, the number is followed by « + », such as « 10 000+ livraisons refusées »."""
    return f"{counted(number, number >= COUNTED)} {inflected(number, one, several)}"


def box_of(polled_at: datetime | None, now: datetime) -> str:
    """Return in French when a mailbox was last emptied, such as « boîte relevée il y a 3 h 05 ». If it never
    was, return « boîte jamais relevée »."""
    return f"boîte relevée il y a {ago(polled_at, now)}" if polled_at else "boîte jamais relevée"


def why_it_waits(row: Row, *, to_team: bool) -> str:
    """Return in French why a delivery could not leave yet; an empty text if nothing is known. The reason is:

    * if a fault of the hub prevents it from reaching the partner: this fault; only the hub's team (`to_team`)
      reads which one;
    * otherwise: the delivery's last error; if it has none, why the partner cannot be reached.
    """
    noted = row.cause or ""
    told = told_of(noted)
    return in_words(row.error or noted if told == noted else noted if to_team else told)


def why_not_delivered(row: Row, now: datetime, *, to_team: bool) -> str:
    """Return in French why a delivery has not arrived. If it lies in the partner's mailbox, say when the
    mailbox was last emptied. If it is still to be sent, say why it waits, the number of attempts and when the
    next is due. In any other state, say its last error. `row` comes from `ops.tasks.deciding.waiting`. If a
    delivery waits because of a fault of the hub, only the hub's team (`to_team`) reads which fault it is."""
    if row.etat == "deposee":
        return f"dans sa boîte ({box_of(row.polled_at, now)})"
    if row.etat not in WAITING:
        return in_words(row.error or NOTHING_CAME_BACK)
    cause = why_it_waits(row, to_team=to_team) or NOTHING_CAME_BACK
    due = max((moment for moment in (row.due_at, row.next_try_at) if moment), default=None)
    next_try = f", prochain {'à' if due > now else 'attendu depuis'} {at(due, now)}" if due else ""
    return f"{cause}, {many(row.attempts, 'essai')}{next_try}"
