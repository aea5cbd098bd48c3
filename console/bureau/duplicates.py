"""Serve the page «Doublons», on which a SIAO decides whether two households are one, and sees its last
decisions. A referent (a person appointed to find protected households and compare them) sees the pairs of a
protected household."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from console.bureau.here import desk_page, partner_of
from console.visit import Parleur, Visite, closed, not_found
from contracts.partner import Famille, Partner
from ops.desk.words import births, names_of
from ops.duplicates import sql as store
from ops.duplicates.comparing import Suspected, decided, for_referent, undecided
from ops.duplicates.deciding import Decision, decide, decide_reserved, take_back
from ops.duplicates.words import in_words
from ops.finding.shortened import shortened
from ops.protection.protected import protected
from ops.protection.referents import entrusted
from router.store.database import Connection

router = closed()
LISTED = 50
PAGE = "/bureau/doublons"
DECISIONS = {"un": "un seul ménage", "deux": "deux ménages"}
"""French words for the decisions about a pair."""
Motif = Annotated[str, Form(min_length=3, max_length=500)]


class Cote(NamedTuple):
    """One household of a pair, as the visitor's SIAO may see it: its people, and a summary of its demand or
    referral."""

    nom: str
    """Names of the household's people. If the SIAO may not read them, the SIAO's own number for the
    household, else a short id."""
    naissances: str
    """Dates of birth of the household's people; empty if unknown, or if the SIAO may not read their names."""
    au_sujet: str
    """Summary of the household's demand or referral; empty for a household that the SIAO does not see."""
    dossier: UUID | None
    """Demand or referral on whose page the SIAO sees the household; None if the SIAO does not see it."""


class Paire(NamedTuple):
    """Pair of households that may be one, for the page on which a SIAO decides: both households, why they are
    alike, and the decision, if any."""

    menage: UUID
    autre: UUID
    cotes: tuple[Cote, Cote]
    indices: Sequence[str]
    depuis: datetime | None = None
    """When the decision was taken; for a pair without decision, since when it waits. None for a pair that was
    just found for a referent."""
    suivi_par: str = ""
    """Name of the SIAO responsible for the second household, if it is not the visitor's own. Only a referent
    sees it."""
    decision: str = ""
    """Code of the decision, which a person may take back; empty while the pair waits."""
    par: str = ""
    """Name of the SIAO that decided, or French words for another person. Empty if the visitor decided, or
    while the pair waits."""
    separes: bool = False
    """Whether the households are adults of one household who have separated. Such a pair cannot be confirmed
    on this page."""


@router.get(PAGE)
async def duplicates(request: Request, visite: Parleur, decision: str = "") -> Response:
    """Show the pairs that the visitor's SIAO has to decide, oldest first, then its last decisions, at most 50
    (`LISTED`) of each. `decision`: the decision just taken, which the page confirms."""
    partner, keyring = _siao(partner_of(visite)), visite.parts.keyring
    async with visite.parts.database.transaction() as connection:
        waiting = await undecided(connection, keyring, [partner.id], LISTED)
        settled = await decided(connection, keyring, [partner.id], LISTED)
    pairs = [(row.menage, row.autre) for row in (*waiting, *settled)]
    called = iter(await _called(visite, partner, pairs))
    paires = [
        Paire(row.menage, row.autre, next(called), in_words(row.indices), row.created_at) for row in waiting
    ]
    decidees = [
        Paire(
            *(row.menage, row.autre, next(called), in_words(row.indices), row.decided_at),
            decision=row.etat,
            par=_by(visite, row.decided_by),
            separes=row.separes,
        )
        for row in settled
    ]
    return _page(request, visite, partner, decision, paires, decidees)


@router.get(PAGE + "/{ident}")
async def compare(request: Request, visite: Parleur, ident: UUID, decision: str = "") -> Response:
    """Show the pairs found between a protected household and the households of all SIAO. `decision`: the
    decision just taken, which the page confirms. Raises 404 unless the visitor is the household's
    referent."""
    partner = _siao(partner_of(visite))
    async with visite.parts.database.transaction() as connection:
        found = await _compared(connection, visite, partner, ident)
    called = await _called(visite, partner, [(each.menage, each.autre) for each in found])
    paires = [
        Paire(
            each.menage, each.autre, sides, in_words(each.indices), suivi_par=_follows(visite, partner, each)
        )
        for each, sides in zip(found, called, strict=True)
    ]
    return _page(request, visite, partner, decision, paires, (), ident)


@router.post(PAGE + "/{ident}")
async def settle(
    visite: Parleur,
    ident: UUID,
    autre: Annotated[UUID, Form()],
    decision: Annotated[str, Form()],
    motif: Motif,
    revenir: Annotated[bool, Form()] = False,
    parle: Annotated[bool, Form()] = False,
) -> Response:
    """Record the visitor's decision on the pair of households `ident` and `autre`: one household (`decision`
    is `un`) or two (`deux`). Raises 404 for another `decision`, Contradicts if decisions on other pairs
    contradict this one. There are two ways to decide.

    1. The hub has asked the visitor's SIAO about the pair, and neither household is protected. If the
       opposite decision is recorded already, raises Decided. With `revenir`, the visitor's decision replaces
       the recorded one instead. If another person took the recorded one, `parle` must then be true: the
       visitor says that they have talked about it with that person. If `parle` is false, raises NotAgreed.

    2. In all other cases, `ident` must be a household of the visitor's SIAO, and the visitor its referent:
       appointed for this household, or for all protected households of this SIAO. The hub must find the two
       households alike, and have stored neither a question nor a decision about them. The household `autre`
       must not be protected. Raises 404 if one of these conditions fails. `revenir` and `parle` have no
       effect.
    """
    partner, parts = _siao(partner_of(visite)), visite.parts
    if decision not in DECISIONS:
        raise not_found()
    said = Decision((ident, autre), decision == "un", visite.person.actor, motif, partner.id)
    async with parts.database.transaction() as connection:
        pair = await store.pair(connection, ident, autre)
        hidden = await protected(connection, parts.keyring, [ident, autre])
        asked = pair is not None and partner.id in pair.siaos and not hidden
        reserved = None if asked else await _reserved(connection, visite, partner, ident, autre)
    if reserved is not None:
        await decide_reserved(parts.database, said, reserved.indices)
        return RedirectResponse(f"{PAGE}/{ident}?decision={decision}", 303)
    if revenir:
        await take_back(parts.database, said, agreed=parle)
    else:
        await decide(parts.database, said, asked=True)
    return RedirectResponse(f"{PAGE}?decision={decision}", 303)


def _page(
    request: Request,
    visite: Visite,
    partner: Partner,
    decision: str,
    paires: Sequence[Paire],
    decidees: Sequence[Paire],
    reserve: UUID | None = None,
) -> Response:
    return desk_page(
        request,
        visite,
        partner,
        "doublons.html",
        paires=paires,
        decidees=decidees,
        reserve=reserve,
        decision=DECISIONS.get(decision),
    )


async def _reserved(
    connection: Connection, visite: Visite, partner: Partner, ident: UUID, autre: UUID
) -> Suspected:
    found = await _compared(connection, visite, partner, ident)
    pair = next((each for each in found if each.autre == autre), None)
    if pair is None:
        raise not_found()
    return pair


async def _compared(
    connection: Connection, visite: Visite, partner: Partner, ident: UUID
) -> Sequence[Suspected]:
    registry, actor = visite.parts.registry(), visite.person.actor
    card = (await store.cards(connection, [ident])).get(ident)
    theirs = await entrusted(connection, actor, registry)
    if card is None or registry.present(card.siao) != partner.id or not theirs.covers(ident, partner.id):
        raise not_found()
    return await for_referent(connection, visite.parts.keyring, card, actor)


async def _called(
    visite: Visite, partner: Partner, pairs: Sequence[tuple[UUID, UUID]]
) -> Sequence[tuple[Cote, Cote]]:
    desk, menages = visite.parts.desk, {ident for pair in pairs for ident in pair}
    async with visite.parts.database.transaction() as connection:
        numbers = await visite.parts.crosswalk.back(connection, [(partner.id, m) for m in menages])
        read = await store.subjects_of(connection, menages, partner.id)
    people = await desk.reader.named(partner, [*read.values()], visite.person.actor)
    lines = await desk.lines.about(partner, [*read.values()], visite.parts.registry())

    def side(menage: UUID) -> Cote:
        dossier = read.get(menage)
        number = numbers.get((partner.id, menage), f"ménage {shortened(menage)}")
        named = people.get(dossier) if dossier else None
        about = lines.get(dossier, "") if dossier else ""
        return Cote(names_of(named) if named else number, births(named) if named else "", about, dossier)

    return [(side(one), side(other)) for one, other in pairs]


def _by(visite: Visite, actor: str) -> str:
    if actor == visite.person.actor:
        return ""
    siao = visite.parts.registry().get(actor)
    return siao.nom if siao is not None else "une autre personne"


def _follows(visite: Visite, partner: Partner, pair: Suspected) -> str:
    other = visite.parts.registry().get(pair.siaos[-1])
    return other.nom if other is not None and other.id != partner.id else ""


def _siao(partner: Partner) -> Partner:
    if partner.famille is not Famille.SIAO:
        raise not_found()
    return partner
