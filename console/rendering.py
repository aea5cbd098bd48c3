"""Render pages as HTML, with French words."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from console import astreinte
from console.assets import addressed
from console.charts import stairs
from console.live import OLD_AFTER_SECONDS
from console.navigation import menu
from console.rights import Droit, Profil
from console.visit import Visite
from contracts import plurals
from contracts.base import Nature, name_of
from contracts.envelope import HUB
from contracts.mots import ETATS as ETATS_DES_SUJETS
from contracts.mots import NOMS, etat_of, told_of
from contracts.reference.communes import town
from contracts.v1.echeance import Echeance
from ops.audit.words import act_of
from ops.desk.numbers import reference_of
from ops.desk.vocabulary import MOTS
from ops.finding.shortened import shortened
from ops.status import quantities
from ops.status.changes import shown_of
from ops.status.findings import Code, Level, tally
from ops.status.piles import end_of_trend, trend_of
from ops.status.quarantined import condition_of
from ops.status.queue import task_in_words
from ops.status.roles import next_attempt, next_look, stopped_of
from ops.status.unanswered import first_act, stands_of
from ops.status.verdict import told_of_keys, told_of_old_key
from ops.status.wording import (
    CONTACTS,
    ETAPES,
    LECTURES,
    MEANINGS,
    PIECES,
    REJEUX,
    ROLES,
    TONS,
    also_of,
    box_of,
    contact_of,
    in_words,
    last_contact_of,
    reason_of,
    refused_of,
    spelled,
    state_of,
    telephone,
)
from router.domain.vitals import Asked

PROFILS = {Profil.OPERATEUR: "opérateur", Profil.REFERENT: "référent"}
"""French names of the profiles whose code lacks an accent."""
ECHEANCES: Mapping[Echeance, str] = {
    Echeance.REMISE: "remise par le hub",
    Echeance.ACCUSE: "accusé de lecture",
    Echeance.DECISION: "décision",
    Echeance.PRESENTATION: "arrivée du ménage",
    Echeance.AIDE_SOCIALE: "réponse du préfet (aide sociale)",
    Echeance.PIECES: "pièces qui manquent (aide sociale)",
    Echeance.PROLONGATION: "demande de prolongation (aide sociale)",
    Echeance.EXPLICATION: "qui occupe la place, et à quel titre",
    Echeance.AVIS_INSTANCE: "avis du SIAO en instance",
    Echeance.COMMISSION: "commission",
    Echeance.REPONSE_DU_MENAGE: "réponse du ménage",
    Echeance.BAIL: "bail",
    Echeance.ACCOMPAGNEMENT: "réponse sur l'accompagnement",
    Echeance.RESERVATION: "réservation",
    Echeance.OCCUPATION: "occupation",
    Echeance.VACANCE: "vacance",
    Echeance.FIN_DE_L_ACTE: "fin de l'acte",
    Echeance.JUSTIFICATION: "titre de l'admission sans le SIAO",
    Echeance.TRANSFERT: "réponse au transfert",
    Echeance.REPONSE_LISTE: "réponse d'un lecteur de la liste",
    Echeance.DECLARATION: "réponse du SIAO à une déclaration",
    Echeance.CONFIRMATION: "confirmation par le SIAO",
    Echeance.SIGNALEMENT: "suite d'un signalement",
    Echeance.DAHO: "orientation d'un ménage désigné par le préfet (DAHO)",
    Echeance.ACCUEIL_DAHO: "accueil d'un ménage désigné par le préfet (DAHO)",
    Echeance.ATTRIBUTION_DAHO: "attribution par le préfet (DAHO)",
    Echeance.EVALUATION: "évaluation demandée par le SIAO",
    Echeance.VALIDITE_EVALUATION: "nouvelle évaluation",
    Echeance.BILAN_DU_QUART: "bilan du collecteur",
}
_CODED: tuple[Mapping[Any, str], ...] = (*ETATS_DES_SUJETS.values(), ECHEANCES, PROFILS, NOMS)
WORDS = {str(code): word for table in reversed((*_CODED, MOTS)) for code, word in table.items()} | {
    "ars": "ARS",
    "bdos": "observation sociale",
    "cil": "CIL",
    "collectivite": "collectivité",
    "etat": "État",
    "emetteur": "émetteur",
    "etat_inconnu": "état inconnu",
    "evaluateur": "évaluateur",
    "hebergement": "hébergement",
    "logement_accompagne": "logement accompagné",
    "menage": "ménage",
    "modifies": "modifiés",
    "partner": "partenaire",
    "prefet": "préfet",
    "siao": "SIAO",
    "spip": "SPIP",
}
"""French words for codes. If several kinds of subject have the same code, the words of the first kind are
used."""
WITH_A_DECIMAL = 10
"""Rate below which a decimal is shown, because a few messages an hour are not zero."""
LEVELS = {Level.BON: "green", Level.A_VOIR: "yellow", Level.EN_PANNE: "red"}


def now() -> datetime:
    """Return the current time (UTC)."""
    return datetime.now(UTC)


def clock(moment: datetime, form: str) -> str:
    """Return a moment in the page's time zone, in the `strftime` format `form`. The spaces inside an hour, such
    as « 17 h 24 », are non-breaking."""
    return f"{quantities.local(moment):{form}}".replace(" h ", "\u00a0h\u00a0")


def at(moment: datetime | None) -> str:
    """Return a moment as hour and minute in the page's time zone, with the day if it is not today. Return « — »
    for None."""
    return "—" if moment is None else quantities.at(moment, now())


def until(moment: datetime) -> str:
    """Return in French how much time is left until a deadline, such as « dans 3 h 05 », or how long ago it
    ended."""
    return quantities.time_left(moment, now())


def before(moment: datetime) -> str:
    """Return a deadline in French with the time left, such as « avant 17 h 24 (dans 3 h 58) », and the day
    unless it is today. All spaces are non-breaking."""
    here = quantities.local(moment)
    day = "" if here.date() == quantities.local(now()).date() else f"le {here:%d/%m} à "
    return f"avant {day}{here:%H h %M} ({until(moment)})".replace(" ", "\u00a0")


def stands(etat: str, nature: str) -> str:
    """Return the French words for the state `etat` of a subject of the kind `nature`."""
    return etat_of(Nature(nature), etat)


def named(ident: str, visite: Visite) -> str:
    """Return a partner's name. If the partner is not in the registry, return its id."""
    return visite.parts.registry().name_of(ident)


def said(code: str) -> str:
    """Return the French words for a code. If there are no words for the code, return the code with spaces in
    place of underscores."""
    return WORDS.get(str(code)) or spelled(code)


def written(value: object) -> str:
    """Return a value as French text: « oui » or « non », the items of a list, the names and values of a
    mapping."""
    match value:
        case bool():
            return "oui" if value else "non"
        case Mapping():
            said = {name: each for name, each in value.items() if each is not None}
            return ", ".join(f"{WORDS.get(name, name)} : {written(each)}" for name, each in said.items())
        case list() | tuple() | set() | frozenset():
            return ", ".join(map(written, value))
    return str(value)


def sentence(words: str) -> str:
    """Return a text as the beginning of a sentence: with a capital, and with non-breaking spaces where a
    French text must not break."""
    return unbroken(words[:1].upper() + words[1:])


def unbroken(text: str) -> str:
    """Return a French text with non-breaking spaces before signs such as « ; » and inside lengths of time, so
    that no line breaks there."""
    return BEFORE_A_SIGN.sub("\u00a0", text)


BEFORE_A_SIGN = re.compile(r" (?=[;:?!»])|(?<=«) |(?<=\d) (?=(?:s|min|h|j)\b)|(?<=\d h) (?=\d\d)")
"""Spaces that keep a sign with its word, or a number with its unit."""
_environment = Environment(
    loader=PackageLoader("console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(
    il_y_a=lambda moment: quantities.ago(moment, now()).replace(" ", "\u00a0"),
    depuis=lambda moment: unbroken(quantities.since(moment, now())),
    insecable=unbroken,
    dans=until,
    avant=before,
    a=at,
    heure=clock,
    moment=lambda written: at(datetime.fromisoformat(written)).replace(":", "\u00a0h\u00a0"),
    nombre=plurals.counted,
    compte=plurals.many,
    tendance=lambda pile, said: end_of_trend(pile, said, now()) or trend_of(pile, now()),
    arret=lambda said: stopped_of(said, now()),
    contact=lambda partner: contact_of(partner, now()),
    dernier_contact=lambda partner: last_contact_of(partner, now()),
    recent=lambda partner: partner.is_news(now()),
    lu=lambda reading: reading.state(now()),
    prochain=lambda partner, said: quantities.next_at(next_attempt(partner, said, now()), now()),
    prochaine_lecture=lambda partner, said: quantities.next_at(next_look(partner, said, now()), now()),
    lisible=lambda partner: partner.is_read(now()),
    debit=lambda number: (
        "—"
        if number is None
        else quantities.decimal(number)
        if number < WITH_A_DECIMAL
        else plurals.counted(round(number))
    ),
    decimal=lambda number: "—" if number is None else quantities.decimal(number),
    duree=lambda seconds: (
        "—" if seconds is None else quantities.brief(round(seconds, 1 if seconds < 1 else 0))
    ),
    marches=stairs,
    etat=lambda code: state_of(code or "—"),
    couleur=lambda code: TONS.get(str(code), "secondary"),
    type=name_of,
    dit=said,
    ou_en_est=stands,
    sans_reponse=stands_of,
    d_abord=first_act,
    condition=condition_of,
    cles=lambda tried, whole: told_of_keys(tried, now(), with_address=whole),
    cle_retiree=lambda old: told_of_old_key(old, now()),
    bilan=tally,
    erreur=in_words,
    raison=reason_of,
    aussi=also_of,
    nomme=named,
    telephone=telephone,
    annonce=told_of,
    acte=act_of,
    tache=lambda task, visite: task_in_words(task, partial(named, visite=visite)),
    ecrit=written,
    phrase=sentence,
    ville=town,
    reference=reference_of,
    abrege=lambda ident: Markup('<span class="entier">{}</span>').format(shortened(ident)),
    conduite=lambda page: astreinte.pages().get(f"{page}.md"),
)
_environment.globals.update(
    Asked=Asked,
    HUB=HUB,
    Code=Code,
    CONTACTS=CONTACTS,
    LECTURES=LECTURES,
    ETAPES=ETAPES,
    MEANINGS=MEANINGS,
    PIECES=PIECES,
    REJEUX=REJEUX,
    ROLES=ROLES,
    refuse=refused_of,
    boite=box_of,
    montres=shown_of,
    Droit=Droit,
    LEVELS=LEVELS,
    fuseau=lambda: quantities.zone_of(now()),
    maintenant=now,
    ancien_apres=OLD_AFTER_SECONDS,
    actif=addressed,
    contact=None,
)


def show_contact(contact: str | None) -> None:
    """Set the text that says how the hub's team can be reached. Every page of this process shows it; None
    shows nothing."""
    _environment.globals["contact"] = contact


def render(template: str, **values: Any) -> str:
    """Return the text of a template, filled with these values."""
    return _environment.get_template(template).render(**values)


def page(request: Request, visite: Visite, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a whole page with the visitor's menu."""
    at_a_desk = visite.person.speaks_for(visite.parts.registry()) is not None
    shown = menu(visite.person.may, request.url.path, at_a_desk=at_a_desk)
    content = render(template, visite=visite, menu=shown, **values)
    return HTMLResponse(content, status)


def form_page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a login page, which needs no session."""
    return HTMLResponse(render(template, **values), status)


def bare(
    title: str, said: str, status: int, back: str = "/", link: str = "Retour à la console"
) -> HTMLResponse:
    """Return a page with a title, the sentence `said`, and one link to `back` with the text `link`. The page
    needs no session."""
    return HTMLResponse(render("nu.html", titre=title, dit_ceci=said, retour=back, lien=link), status)
