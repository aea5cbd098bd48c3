"""List orphan answers, and record people's decisions about them. A person closes an orphan answer, or attaches
it to a referral or candidacy. Attaching appends a new event to the log, with the sender and the time of the
answer."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from contracts.base import Contrat, Nature, Reference
from contracts.envelope import Attributes, Event, derived_id
from contracts.errors import InvalidContract, Permanent
from contracts.sealed import from_bytes, put_together, take_apart, to_bytes
from contracts.v1 import CONTRATS
from ops.orphans.likely import Candidate, Likely, Orphan, ranked
from ops.person.sql import last_named
from ops.tracing import history
from router.domain import judging
from router.domain.at_the_door import refusal
from router.domain.partners import Registry
from router.domain.subjects import Candidature, Envoi, Orientation
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.privacy.sealing import Damaged, seal_parts, unseal_part
from router.store import keys, log, orphans, subjects
from router.store import registry as registry_store
from router.store.audit import record
from router.store.crosswalk import Foreign
from router.store.database import Connection, Database, Row
from router.store.hub_events import say
from router.store.orphans import OpenOrphan

ATTACHED, CLOSED = "orpheline.rattacher", "orpheline.classer"
LISTED, CANDIDATES = 100, 200
OPEN = {kind.NATURE: kind.MACHINE.open for kind in (Orientation, Candidature)}
"""The states in which a referral or candidacy may still be answered, by type of subject."""
NOT_WAITING = "aucune réponse orpheline n'attend de décision sous cet identifiant"


class Case(NamedTuple):
    """An orphan answer on which nobody has decided yet, with the referrals and candidacies that it may mean,
    the likeliest first."""

    waiting: OpenOrphan
    likely: Sequence[Likely]
    names: Mapping[UUID, str]
    """The sender's names for the referrals and candidacies in `likely`."""


class Facts(NamedTuple):
    """What the database knows about undecided orphan answers, and about the referrals and candidacies that
    their senders still have to answer. With these facts, the hub ranks the referrals and candidacies that each
    answer may mean."""

    owed: Mapping[orphans.Answerer, Sequence[orphans.Candidate]]
    """The requests that a partner still has to answer, with the ids of the events about each and of their
    deliveries. The key is the partner, with the type of request."""
    names: Mapping[str, Mapping[UUID, str]]
    """Partners' own ids for the referrals and candidacies, and for the subjects that the answers name. The
    keys are the partner, then the hub's id."""
    households: Mapping[Foreign, UUID]
    """The hub's id of each household that an answer names where it should name a referral. The key is the
    partner, with the partner's id for the household."""
    said: Mapping[UUID, log.Entry]
    """The undecided answers, by the id of their event."""


class Desk:
    """Service through which people read orphan answers and decide about them. Its methods raise BusUnavailable
    if the database does not answer."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self._crosswalk = Crosswalk(keyring)

    async def cases(
        self,
        among: Collection[str] | None,
        now: datetime,
        most: int = LISTED,
        after: tuple[datetime, UUID] | None = None,
    ) -> list[Case]:
        """Return the undecided orphan answers of the senders `among` (None: of all senders), oldest first, at
        most `most`. For the next page, `after` is the (since, event) of the last answer shown."""
        async with self._database.transaction() as connection:
            registry = await registry_store.read(connection)
            found = await orphans.waiting(connection, among, most, after)
            facts = await self._facts(connection, found)
            return [_case(each, facts, registry, now) for each in found]

    async def attach(self, event: UUID, envoi: UUID, actor: str, why: str) -> UUID:
        """Attach the orphan answer `event` to the referral or candidacy `envoi`, by a new event that repeats
        the answer for it. Return the new event's id. Raises Permanent in these cases: somebody has already
        decided about the answer; the answer's data or the household of `envoi` are forgotten; `envoi` is
        unknown, or not of the type that the answer is about."""
        async with self._database.transaction() as connection:
            row = await _locked(connection, event)
            known = (await subjects.read(connection, [envoi])).get(envoi)
            if not isinstance(known, Envoi) or known.NATURE is not CONTRATS[row.type].NATURE:
                raise Permanent("on ne rattache une réponse qu'à un envoi connu, de la même nature")
            if (await last_named(connection, [known.menage, envoi])).at is None:
                raise Permanent("le ménage de cet envoi est oublié : classez la réponse")
            entry = await self._about(connection, row, envoi)
            await keys.link(connection, keys.Links([(envoi, row.correlation)], {envoi}))
            await say(self._database, connection, self._keyring.prover, [entry])
            await orphans.settle(connection, event, "rattachee", history.ATTACHED, envoi)
            await record(connection, actor, ATTACHED, str(event), {"envoi": str(envoi), "motif": why})
        return entry.attributes.id

    async def close(self, event: UUID, actor: str, why: str) -> None:
        """Close the orphan answer `event`, so that it never has an effect. Raises Permanent if somebody has
        already decided about the answer."""
        async with self._database.transaction() as connection:
            await _locked(connection, event)
            await orphans.settle(connection, event, "classee", "classe", None)
            await record(connection, actor, CLOSED, str(event), {"motif": why})

    async def _facts(self, connection: Connection, found: Sequence[OpenOrphan]) -> Facts:
        natures = {_owed(each) for each in found}
        asked = [(*each, etat) for each in sorted(natures) for etat in OPEN.get(each[1], ())]
        owed = await orphans.candidates(connection, asked, CANDIDATES)
        about = {(each.partner, each.subject) for each in found}
        about |= {(partner, subject.id) for (partner, _), rows in owed.items() for subject, _ in rows}
        names: dict[str, dict[UUID, str]] = {}
        for (partner, ident), name in (await self._crosswalk.back(connection, about)).items():
            names.setdefault(partner, {})[ident] = name
        known = await self._crosswalk.found(connection, map(_household, found))
        said = await log.as_written(connection, [each.event for each in found])
        return Facts(owed, names, known, {event: entry for event, (entry, _) in said.items()})

    async def _about(self, connection: Connection, row: Row, envoi: UUID) -> log.Entry:
        """Return the new event that repeats the orphan answer `row` for `envoi`. The answer's personal data
        are decrypted, and encrypted again for the new event."""
        clair, parts = from_bytes(row.payload)
        ciphers = await self._keyring.get(connection, {part.titulaire for part in parts}) if parts else {}
        try:
            trees = [unseal_part(ciphers[part.titulaire], row.id, part) for part in parts]
        except (KeyError, InvalidContract) as exc:
            raise Permanent("cette réponse n'est plus lisible : ses données sont oubliées") from exc
        moved = _moved(put_together(CONTRATS[row.type], clair, trees), envoi)
        attributes = _again(log.attributes_of(row.id, row), envoi)
        (clair, secrets), cipher = take_apart(moved), None
        if secrets:
            cipher = (await self._keyring.get_or_create(connection, {moved.titulaire}))[moved.titulaire]
            if isinstance(cipher, Damaged):
                raise Permanent("la clé de ce ménage est abîmée")
        sealed = seal_parts(cipher, attributes.id, moved.titulaire, secrets)
        return log.Entry(attributes, to_bytes(clair, sealed))


def _owed(waiting: OpenOrphan) -> orphans.Answerer:
    nature = CONTRATS[waiting.type].NATURE
    assert nature is not None, "the door stores no other answer as an orphan"
    return waiting.partner, nature


def _household(waiting: OpenOrphan) -> Foreign:
    return waiting.partner, Reference(Nature.MENAGE, str(waiting.subject))


def _case(waiting: OpenOrphan, facts: Facts, registry: Registry, now: datetime) -> Case:
    names = facts.names.get(waiting.partner, {})
    said = facts.said[waiting.event]
    answer = _readable(waiting, said.payload)
    candidates = [
        Candidate(
            envoi,
            names.get(envoi.id),
            events,
            answer is not None and _applies(said.attributes, answer, envoi, registry, now),
        )
        for envoi, events in facts.owed.get(_owed(waiting), ())
        if isinstance(envoi, Envoi)
    ]
    cited = {waiting.subject, facts.households.get(_household(waiting), waiting.subject)}
    return Case(waiting, ranked(Orphan(cited, names.get(waiting.subject)), candidates, now), names)


def _readable(waiting: OpenOrphan, payload: bytes) -> Contrat | None:
    with suppress(InvalidContract):
        return put_together(CONTRATS[waiting.type], from_bytes(payload)[0])
    return None


async def _locked(connection: Connection, event: UUID) -> Row:
    row = await orphans.locked(connection, event)
    if row is None:
        raise Permanent(NOT_WAITING)
    return row


def _moved(contrat: Contrat, envoi: UUID) -> Contrat:
    return contrat.model_copy(update={contrat.SUJET: envoi})


def _again(first: Attributes, envoi: UUID) -> Attributes:
    changes: dict[str, Any] = {
        "id": derived_id(first.id, "rattachement", str(envoi)),
        "subject": envoi,
        "causationid": first.id,
    }
    return first._replace(**changes)


def _applies(said: Attributes, answer: Contrat, envoi: Envoi, registry: Registry, now: datetime) -> bool:
    event = Event(_again(said, envoi.id), _moved(answer, envoi.id))
    return refusal(event, judging.World({envoi.id: envoi}, registry, timedelta(0)), now) is None
