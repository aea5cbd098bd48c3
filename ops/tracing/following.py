"""Referrals and candidacies as their sender and their recipient can follow them, for `GET
/v1/orientations`."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel

from contracts.base import Nature, name_of
from contracts.envelope import HUB
from contracts.explications import NOT_YET, explained
from contracts.frozen import replace
from contracts.mots import fait_of
from contracts.partner import Partner
from ops.tracing import sql as tracing
from ops.tracing.history import Step
from ops.tracing.lookup import named
from ops.tracing.whose_turn import (
    COLLECTS,
    NextAct,
    lying,
    on_their_way,
    situation_of,
    turn_of,
    whose_turn,
)
from router.domain.books import AWAITED
from router.domain.partners import Registry
from router.domain.subjects import Candidature, Envoi, Orientation, Subject
from router.privacy.crosswalk import Crosswalk
from router.store import standing, subjects
from router.store.database import Connection, Database

STEPS = 200
"""The maximum number of events in a history."""
LISTED = 500
"""Maximum number of referrals and candidacies in a list, for each state."""


class Following:
    """Service that shows a partner the referrals and candidacies that it sent or received. It never shows to
    which other partners the SIAO has referred the household. Methods raise BusUnavailable if the database
    does not answer. For an unknown id, `one` also raises it as long as the database is not whole."""

    def __init__(self, database: Database, crosswalk: Crosswalk) -> None:
        self._database = database
        self._crosswalk = crosswalk

    async def owed(self, partner: Partner, registry: Registry, now: datetime) -> Mapping[str, Any]:
        """Return the referrals and candidacies that a partner still has to answer, the earliest deadline
        first. After them come the referrals for which the partner is only asked to accompany the household.
        For each state, at most `LISTED` are returned; the key `d_autres` is true if there may be more."""
        async with self._database.transaction() as connection:
            found = await standing.owed(connection, partner.id, AWAITED, LISTED)
            envois = [each for each in found if isinstance(each, Orientation | Candidature)]
            asked = await standing.accompanied(connection, partner.id, LISTED)
            households = [each for each in asked if isinstance(each, Orientation)]
            names = await self._names(connection, partner, [*envois, *households])
            in_box = await tracing.in_box(connection, on_their_way(envois))
        seen = [(e, whose_turn(situation_of(e, (), registry), now)) for e in envois]
        seen.sort(key=lambda each: (each[1].until or datetime.max.replace(tzinfo=UTC), str(each[0].id)))
        for each in households:
            turn = turn_of(situation_of(each, (), registry), partner.id, now)
            seen.append((_as_its_operator_sees(each), turn))
        states = Counter(each.etat for each in found)
        return {
            "orientations": [_shown(envoi, turn, partner, names, in_box) for envoi, turn in seen],
            "d_autres": LISTED in (len(asked), *states.values()),
        }

    async def one(
        self, known_as: str, partner: Partner, registry: Registry, now: datetime
    ) -> Mapping[str, Any] | None:
        """Return a referral or candidacy with its history. `known_as` is its id: the hub's, or the partner's
        own. Return None if the id is unknown, or if the partner is neither the sender nor the recipient."""
        async with self._database.transaction() as connection:
            envoi = await self._named(connection, known_as, partner)
            if envoi is None:
                await self._database.must_be_whole()
                return None
            situation = situation_of(envoi, await tracing.of_subject(connection, envoi.id, STEPS), registry)
            names = await self._names(connection, partner, [envoi])
            in_box = await tracing.in_box(connection, on_their_way([envoi]))
        sides = {envoi.emetteur, envoi.destinataire, HUB}
        facts = [_fact(step, envoi, partner) for step in situation.steps if step.source in sides]
        shown = _shown(envoi, whose_turn(situation, now), partner, names, in_box)
        return {**shown, "vous_avez_dit": _said_by(envoi, partner), "histoire": facts}

    async def _named(
        self, connection: Connection, known_as: str, partner: Partner
    ) -> Orientation | Candidature | None:
        natures = (Nature.ORIENTATION, Nature.CANDIDATURE)
        ids = await named(connection, self._crosswalk, [partner.id], known_as, natures)
        known = await subjects.read(connection, ids)
        mine = (
            each
            for each in known.values()
            if isinstance(each, Orientation | Candidature)
            and partner.id in (each.emetteur, each.destinataire)
        )
        return next(mine, None)

    async def _names(
        self, connection: Connection, partner: Partner, envois: Sequence[Orientation | Candidature]
    ) -> Mapping[UUID, str]:
        ids = {e.id for e in envois} | {ident for e in envois for ident in _places_of(e)}
        found = await self._crosswalk.back(connection, [(partner.id, ident) for ident in sorted(ids)])
        return {ident: name for (_, ident), name in found.items()}


def _shown(
    envoi: Orientation | Candidature,
    turn: NextAct,
    partner: Partner,
    names: Mapping[UUID, str],
    in_box: Container[UUID],
) -> dict[str, Any]:
    places = [names.get(each, str(each)) for each in _places_of(envoi)]
    turn = to_collect(turn, envoi, partner, in_box)
    return {
        "id": str(envoi.id),
        "nature": str(envoi.NATURE),
        "votre_id": names.get(envoi.id),
        "place": next(iter(places), None),
        "autres_places": places[1:],
        "etat": str(envoi.etat),
        "ou_en_est": turn.etat,
        "recue_le": _iso(envoi.remise_le),
        "au_tour_de": _side(turn.who, envoi, partner),
        "attendu": turn.expected,
        "depuis": _iso(turn.since),
        "avant_le": _iso(turn.until),
        "en_retard": turn.late,
    }


def to_collect(turn: NextAct, subject: Subject, partner: Partner, in_box: Container[UUID]) -> NextAct:
    """Return what has to be done next about the subject. If `turn` says that the hub has to deliver a
    message, and this message already lies in the mailbox of `partner`, then `partner` has to collect it.
    Otherwise, return `turn`. `in_box` has the ids of the subjects with a message in their recipient's
    mailbox."""
    theirs = lying(turn, subject, in_box)
    is_own = theirs is not turn and theirs.who == partner.id
    return theirs._replace(expected=COLLECTS) if is_own else turn


def _said_by(envoi: Envoi, partner: Partner) -> dict[str, dict[str, str]]:
    if partner.id != envoi.destinataire:
        return {}
    return {move: {to_camel(name): text for name, text in facts.items()} for move, facts in envoi.dit.items()}


def _as_its_operator_sees(referral: Orientation) -> Orientation:
    return replace(referral, place=None, autres_places=(), remise_le=None)


def _places_of(envoi: Orientation | Candidature) -> tuple[UUID, ...]:
    return envoi.places if isinstance(envoi, Orientation) else ()


def _fact(step: Step, envoi: Envoi, partner: Partner) -> dict[str, Any]:
    return {
        "le": step.at.isoformat(),
        "par": _side(step.source, envoi, partner),
        "type": name_of(step.type),
        "fait": fait_of(step.type),
        "compte": step.counts,
        "explication": _why(step, partner),
    }


def _why(step: Step, partner: Partner) -> str | None:
    if step.waits:
        return NOT_YET
    if step.reason is None or step.source != partner.id:
        return None
    return explained(step.type, step.reason, step.etat, partner.famille)


def _side(who: str | None, envoi: Envoi, partner: Partner) -> str | None:
    if who is None or who == partner.id:
        return who and "vous"
    return {HUB: "hub", envoi.emetteur: "emetteur", envoi.destinataire: "destinataire"}.get(who)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
