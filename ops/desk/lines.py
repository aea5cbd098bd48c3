"""Make the lines of a list of subjects: state, who has to act next, and a summary."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.partner import Famille, Partner
from contracts.ports import View
from contracts.v1.place import PlaceIndisponible
from ops.desk import sql
from ops.desk.about import about, next_to_act, opens, unsigned
from ops.desk.numbers import name_of
from ops.desk.place_names import located, opened
from ops.desk.reading import DESCRIBING, Reader
from ops.desk.tasks import Ligne, at_the_desk
from ops.desk.vocabulary import worded
from ops.lists import sql as listing
from ops.tracing import sql as tracing
from ops.tracing.whose_turn import NextAct, lying, on_their_way, situation_of, to_be_delivered_to, turn_of
from router.domain.deadlines import time_to_answer
from router.domain.partners import Registry
from router.domain.rulebooks.acte import Acte
from router.domain.rulebooks.acte import Etat as EtatActe
from router.domain.rulebooks.demande import Etat as EtatDemande
from router.domain.rulebooks.orientation import ATTENDUES, Etat, Evenement
from router.domain.rulebooks.place import Etat as EtatPlace
from router.domain.rulebooks.signalement import Signalement
from router.domain.rules.acts import waits_for
from router.domain.subjects import Envoi, Orientation, Place, Subject
from router.store import subjects
from router.store.database import Database

ARRIVING = (*ATTENDUES, Etat.ENTREE)
"""States of a referral whose household is expected or housed. Forms offer these referrals, the housed
households first."""
RECEIVED = "reçue par le SIAO"
"""French words for the state of a demand, shown to its sender once the SIAO has received it."""
SIGNED = "signée par vous, d'autres signatures attendues"
"""French words for the state of an act that the reader has signed while other signatures are missing."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Maker of the lines that describe subjects on desk pages. Raises BusUnavailable if the database does not
    answer."""

    database: Database
    reader: Reader

    async def of(
        self, partner: Partner, found: Sequence[Subject], registry: Registry, now: datetime
    ) -> list[Ligne]:
        """Return a line of the desk page for each of these subjects, in the order of `found`."""
        view, lines = await self._about(partner, found, registry)
        async with self.database.statement() as connection:
            in_box = await tracing.in_box(connection, on_their_way(found))
        turns = [_turn(each, partner, registry, now, in_box) for each in found]
        return [
            Ligne(
                each,
                name_of(view, each.id),
                turn,
                lines[each.id],
                next_to_act(turn.who, each, partner, registry),
                time_to_answer(each, registry) if to_be_delivered_to(each) else None,
            )
            for each, turn in zip(found, turns, strict=True)
        ]

    async def arrivals(
        self, partner: Partner, registry: Registry, now: datetime, actor: str | None
    ) -> Mapping[str, str]:
        """Return French words for each household that is expected at the partner, or that has arrived there,
        but in a place that the hub does not know. The key is the id of the household's referral. The words
        name the household only if `actor`, the person who will read them, is given."""
        async with self.database.transaction() as connection:
            found = await sql.arrivals(connection, partner.id, ARRIVING)
        names = {} if actor is None else await self.reader.names(partner, [each.id for each in found], actor)
        return {
            str(
                line.subject.id
            ): f"{names.get(line.subject.id) or line.au_sujet}, orientation {line.turn.etat}"
            for line in await self.of(partner, found, registry, now)
        }

    async def about(
        self, partner: Partner, idents: Collection[UUID], registry: Registry
    ) -> Mapping[UUID, str]:
        """Return a summary of each of these subjects, by id. Subjects that the desk must not show to the
        partner are left out. The summary of a place is empty: pages show summaries beside earlier messages,
        and a place may have changed since the message."""
        async with self.database.transaction() as connection:
            known = await subjects.read(connection, idents)
        theirs = [each for each in known.values() if opens(each, partner, registry)]
        said = (await self._about(partner, theirs, registry))[1]
        return {each.id: "" if isinstance(each, Place) else said[each.id] for each in theirs}

    async def motives(self, partner: Partner, idents: Collection[UUID]) -> Mapping[UUID, str]:
        """Return, by id, the French motive for which each of these referrals was refused or cancelled. Subjects
        that are no referral, or of which the partner is no party, are left out."""
        async with self.database.transaction() as connection:
            known = (await subjects.read(connection, idents)).values()
        return {
            each.id: worded("motif", facts["motif"])
            for each in known
            if isinstance(each, Orientation) and partner.id in each.players
            for move, facts in each.dit.items()
            if "motif" in facts and each.MACHINE.leads_to(each.etat, Evenement(move))
        }

    async def _about(
        self, partner: Partner, found: Sequence[Subject], registry: Registry
    ) -> tuple[View, Mapping[UUID, str]]:
        view = await self.reader.view(partner, *{ident for each in found for ident in _cited(each)})
        places = {each.id: each.places for each in found if isinstance(each, Orientation)}
        where = await self.where(partner, places, registry)
        sent = [each.id for each in found if isinstance(each, Envoi | Signalement)]
        offered = [each.id for each in found if isinstance(each, Place)]
        unused = [each.id for each in found if each.etat == EtatPlace.INDISPONIBLE]
        wanted = ((sent, DESCRIBING), (offered, listing.DESCRIBING), (unused, [PlaceIndisponible.TYPE]))
        said: dict[UUID, Mapping[str, Any]] = {}
        async with self.database.transaction() as connection:
            for idents, types in wanted:
                if idents:
                    for ident, facts in (await listing.described(connection, idents, types)).items():
                        said[ident] = {**said.get(ident, {}), **facts}
        return view, {
            each.id: about(each, said.get(each.id, {}), view, registry, where.get(each.id, ""))
            for each in found
        }

    async def where(
        self, partner: Partner, places: Mapping[UUID, Sequence[UUID]], registry: Registry
    ) -> Mapping[UUID, str]:
        """Return, by subject, a French text for `partner` with the names of the subject's places and their
        towns. `places`: the ids of the places, by subject. For a place with a secret address, the town is left
        out, and all partners but its manager read the end of its id instead of its name."""
        wanted = {ident for each in places.values() for ident in each}
        if not wanted:
            return {}
        async with self.database.transaction() as connection:
            known = await subjects.read(connection, wanted)
        found = {ident: opened(each, registry) for ident, each in known.items() if isinstance(each, Place)}
        names = await self.reader.place_names(partner, found.values())
        return {
            subject: located([found[ident] for ident in each if ident in found], names)
            for subject, each in places.items()
        }


def _turn(
    subject: Subject, partner: Partner, registry: Registry, now: datetime, in_box: Container[UUID]
) -> NextAct:
    turn = lying(turn_of(situation_of(subject, (), registry), partner.id, now), subject, in_box)
    if subject.etat is EtatDemande.RECUE and partner.famille is not Famille.SIAO:
        turn = turn._replace(etat=RECEIVED)
    if not isinstance(subject, Acte) or subject.etat is not EtatActe.PROPOSEE:
        return at_the_desk(turn, partner.id)
    turn = turn._replace(until=None, late=False)
    if waits_for(subject, partner, registry):
        return turn._replace(who=partner.id)
    etat = SIGNED if partner.id in subject.signatures.values() else turn.etat
    return turn._replace(
        etat=etat, expected=f"les autres signatures ({', '.join(unsigned(subject, registry))})"
    )


def _cited(subject: Subject) -> Iterator[UUID]:
    yield subject.id
    if isinstance(subject, Envoi):
        yield subject.menage
