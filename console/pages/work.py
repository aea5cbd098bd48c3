"""«À traiter au hub»: all work that waits for a decision, in one queue of groups, most harmful first. Several can be
decided at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlencode

from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from console.exporting import Columns, Export, csv_of
from console.pages.messages import Motif
from console.pages.night import within
from console.pages.quarantine import needs_wanted
from console.rendering import named, now, page
from console.visit import Decideur, Suiveur, Visite, closed, not_found
from contracts.plurals import inflected
from ops.replay import orders as replay_orders
from ops.status.findings import Code, harms
from ops.status.labels import HUB, PARTNER, REMEDES, RENVOI, SIAO, spelled, turn_of
from ops.status.quarantined import condition_of
from ops.tasks import deciding as tasks
from ops.tasks.deciding import Taker
from router.domain.vitals import Asked, Vitals
from router.store.jobs import Filter
from router.store.jobs import Request as Replay

router = closed()
QUARANTINED, REFUSED = "quarantaine", "refusees"
"""Kinds of groups that can be decided here as a whole."""
Lignes = Annotated[list[str], Form(default_factory=list)]
"""Groups that the visitor has chosen, by their task names."""
ONE_BY_ONE = "l'une des lignes choisies se décide une par une : ouvrez-la ; rien n'a été fait"


class Group(NamedTuple):
    """Items of one kind and partner that wait for one decision."""

    code: Code
    what: str
    who: str | None
    number: int
    since: datetime | None
    page: str
    """Page on which each item is shown and decided by itself."""
    turn: str
    """Whose task it is: the partner's, the SIAO's, or the hub's."""
    mends: str = ""
    key: str = ""
    """Key that a form sends to decide for the whole group; empty if each item is decided by itself."""
    taker: Taker | None = None
    """Person who has taken the group on."""

    @property
    def task(self) -> str:
        """Name under which a person takes the group on."""
        return self.key or f"{self.code}:{self.who or ''}"

    def seen_to(self, takers: Mapping[str, Taker]) -> "Group":
        """Return this group with the person who took it on, unless all its items came later."""
        taker = takers.get(self.task)
        fresh = taker is not None and (self.since is None or self.since <= taker.at)
        return self._replace(taker=taker if fresh else None)

    @property
    def harm(self) -> int:
        """Score of the harm that these items do to households: the higher, the worse."""
        return harms()[self.code].score


@router.get("/a-traiter")
async def work(request: Request, visite: Suiveur, csv: Export = False) -> Response:
    """Show the queue."""
    facts = within((await visite.parts.looks.newest()).facts, visite.portee)
    known = facts.knows(Asked.DECISIONS) and facts.knows(Asked.PARTENAIRES)
    waiting = queue(facts)
    takers = await tasks.takers(visite.parts.database, [group.task for group in waiting])
    waiting = [group.seen_to(takers) for group in waiting]
    if csv:
        return await csv_of("a-traiter", _columns(visite), waiting, known=known)
    return page(request, visite, "a_traiter.html", groupes=waiting, connu=known, regles=visite.parts.rules)


def _columns(visite: Visite) -> Columns[Group]:
    return {
        "quoi": lambda group: group.what,
        "qui": lambda group: group.who and named(group.who, visite),
        "partenaire": lambda group: group.who,
        "nombre": lambda group: group.number,
        "depuis": lambda group: group.since,
        "a_qui": lambda group: group.turn,
        "ce_qui_le_repare": lambda group: group.mends,
        "qui_s_en_charge": lambda group: group.taker and group.taker.nom,
    }


@router.post("/a-traiter/prendre")
async def take(visite: Decideur, ligne: Lignes) -> Response:
    """Record that the visitor takes several groups on. Raises 404 for a group that does not wait for them."""
    return await _noted(visite, ligne, back=False)


@router.post("/a-traiter/rendre")
async def give_back(visite: Decideur, ligne: Lignes) -> Response:
    """Record that the visitor gives several groups back. Raises 404 for a group that does not wait for them."""
    return await _noted(visite, ligne, back=True)


@router.post("/a-traiter")
async def decide(
    visite: Decideur,
    motif: Motif,
    ligne: Lignes,
    verbe: Annotated[Literal["reprendre", "classer"], Form()] = "reprendre",
) -> Response:
    """Replay the entries or send the deliveries of several groups again, or close them. If one of the groups
    is not the visitor's, all are refused."""
    groups = [_named(key) for key in ligne]
    if not groups:
        raise not_found()
    for kind, wanted in groups:
        if kind == REFUSED:
            visite.needs(wanted.partner)
        else:
            await needs_wanted(visite, wanted)
    for kind, wanted in groups:
        await _decided(visite, kind, wanted, motif, closes=verbe == "classer")
    return RedirectResponse("/a-traiter", 303)


async def _noted(visite: Visite, lines: Sequence[str], *, back: bool) -> Response:
    facts = within((await visite.parts.looks.newest()).facts, visite.portee)
    if not lines or not {*lines} <= {group.task for group in queue(facts)}:
        raise not_found()
    person = visite.person
    await tasks.take(visite.parts.database, lines, person.actor, person.nom, back=back)
    return RedirectResponse("/a-traiter", 303)


async def _decided(visite: Visite, kind: str, wanted: Filter, why: str, *, closes: bool) -> None:
    database, actor = visite.parts.database, visite.person.actor
    if kind == REFUSED:
        if not closes and wanted.partner is not None:
            await tasks.send_refused_again(database, wanted.partner, actor, why)
    elif closes:
        await replay_orders.close(database, wanted, actor, why)
    else:
        await replay_orders.ask(database, Replay(wanted, actor, why))


def _named(key: str) -> tuple[str, Filter]:
    """Return the kind of a group and its entries. Raises 404 for a key that this page does not make, 409 for a group
    that is decided one by one."""
    kind, _, rest = key.partition(":")
    partner, _, cause = rest.partition(":")
    if kind not in (QUARANTINED, REFUSED) and kind in set(Code):
        raise HTTPException(409, ONE_BY_ONE)
    if kind not in (QUARANTINED, REFUSED) or not (partner or cause):
        raise not_found()
    return kind, Filter(None, cause or None, None, partner or None)


def queue(facts: Vitals) -> Sequence[Group]:
    """Return every group that waits for a decision, most harmful first, then oldest. Pure."""
    found = [*_of_sources(facts), *_of_quarantine(facts), *_of_deliveries(facts), *_of_answers(facts)]
    return sorted(found, key=lambda each: (-each.harm, each.since or now(), each.who or ""))


def _of_sources(facts: Vitals) -> Iterator[Group]:
    for partner in facts.partners:
        if partner.reading is not None and (since := partner.reading.failing_since) is not None:
            what, mends = (
                f"lecture impossible : {partner.reading.cause}",
                "lui rendre lisible ce qu'il dépose",
            )
            where = f"/partenaires/{partner.id}"
            yield Group(Code.ILLISIBLE, what, partner.id, 1, since, where, HUB, mends)


def _of_quarantine(facts: Vitals) -> Iterator[Group]:
    siaos = {partner.id for partner in facts.partners if partner.is_siao}
    for held in facts.quarantine:
        link = urlencode({"cause": held.cause, "partenaire": held.partner or ""})
        yield Group(
            condition_of(held),
            f"quarantaine : {spelled(held.cause)}",
            held.partner,
            held.number,
            held.since,
            f"/quarantaine/groupe?{link}",
            turn_of(held.cause, is_siao=held.partner in siaos),
            REMEDES.get(held.cause, RENVOI),
            f"{QUARANTINED}:{held.partner or ''}:{held.cause}",
        )


def _of_deliveries(facts: Vitals) -> Iterator[Group]:
    for partner in facts.partners:
        where = f"/livraisons?{urlencode({'partenaire': partner.id})}"
        if (refused := partner.refused).number:
            key, mends = f"{REFUSED}:{partner.id}:", "une fois la cause réparée chez lui, renvoyer"
            what = inflected(refused.number, "livraison refusée")
            yield Group(
                Code.REFUSEES,
                what,
                partner.id,
                refused.number,
                refused.oldest,
                where,
                SIAO if partner.is_siao else PARTNER,
                mends,
                key,
            )
        if (doubtful := partner.uncertain).number:
            what = inflected(doubtful.number, "livraison d'issue incertaine", "livraisons d'issue incertaine")
            mends = "lui demander s'il les a, une par une"
            yield Group(
                Code.INCERTAINES, what, partner.id, doubtful.number, doubtful.oldest, where, HUB, mends
            )


def _of_answers(facts: Vitals) -> Iterator[Group]:
    for held in facts.orphans:
        what = inflected(
            held.number, "réponse qui ne correspond à rien", "réponses qui ne correspondent à rien"
        )
        mends = "dire de quel envoi chacune parle"
        yield Group(Code.ORPHELINES, what, held.partner, held.number, held.since, "/orphelines", HUB, mends)
    for doubt in facts.doubts:
        where = f"/partenaires/{doubt.partner}"
        yield Group(Code(doubt.kind), doubt.sentence, doubt.partner, doubt.said, doubt.since, where, PARTNER)
    for halt in facts.halts:
        if halt.is_paused:
            where = f"/partenaires/{halt.partner}"
            yield Group(Code.LECTURE, halt.sentence, halt.partner, 1, halt.since, where, HUB)
