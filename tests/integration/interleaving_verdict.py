"""Judgement of a story at its end, from the tables and the partners' journals."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.v1.alerte import AlerteConflit
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import PlaceLiberee, PlaceVacante
from tests.integration.interleaving_outside import Journal
from tests.integration.interleaving_senders import CENTRE, REFERRALS, SIAO, VACANCIES, WANTED, Senders

TOLD = sorted(
    [capacity for message in VACANCIES for place, capacity in message.rows if place == name]
    for name in {place for message in VACANCIES for place, _ in message.rows}
)
"""Capacities of each place in the order of acceptance, in which they grow."""

VACANT = sum(map(len, TOLD))

_WAITING = """
    SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM inbox WHERE etat = 'en_cours' OR held)
        OR EXISTS (SELECT FROM delivery WHERE etat IN ('en_attente', 'en_vol'))
"""
_PLACE = """
    SELECT CAST(e.subject AS text) FROM event e JOIN delivery d ON d.event_id = e.id
    WHERE d.etat IN ('incertaine', 'refusee') AND convert_from(e.payload, 'UTF8') LIKE $1
"""
_EVENTS = """
    SELECT e.type, o.kind, count(*) AS number FROM event e LEFT JOIN outcome o ON o.event_id = e.id GROUP BY 1, 2
"""
_DELIVERIES = """
    SELECT d.id, d.subject, d.etat, e.type FROM delivery d JOIN event e ON e.id = d.event_id
    WHERE d.partner = $1 ORDER BY d.seq
"""
_VERSIONS = """
    SELECT s.nature, s.version, s.donnees,
           (SELECT count(*) FROM event e WHERE e.subject = s.id
            AND NOT EXISTS (SELECT FROM outcome o WHERE o.event_id = e.id)) AS applied,
           (SELECT count(*) FROM event e WHERE e.subject = s.id AND e.type = $1) AS run_out,
           (SELECT count(*) FROM subject r WHERE r.donnees ->> 'place' = CAST(s.id AS text)) AS referrals
    FROM subject s
"""


class Verdict:
    """The judgement of one story. `give` raises AssertionError for a broken promise."""

    def __init__(self, connection: Any, senders: Senders, journals: Mapping[str, Journal]) -> None:
        self._connection = connection
        self._senders = senders
        self._journals = journals

    async def is_over(self) -> bool:
        """Return whether all messages are sent, decoded and applied, and all deliveries made, refused or undecided.

        Also tells the SIAO the id of the wanted place, as a person would do if its vacancy was refused or is
        undecided.
        """
        self._senders.wanted = await self._connection.fetchval(_PLACE, f'%"capacite":{WANTED[1]}%')
        return self._senders.done and not await self._connection.fetchval(_WAITING)

    async def give(self) -> None:
        """Check every promise in turn. Raises AssertionError."""
        await self._each_message_is_taken_once()
        placed, run_out = await self._each_event_is_applied_once()
        conflicts = len(REFERRALS) - placed
        await self._each_delivery_has_one_effect_and_in_order(SIAO, VACANT + conflicts + run_out)
        await self._each_delivery_has_one_effect_and_in_order(CENTRE, placed)
        await self._no_lane_counts_wrong_or_stays_held()

    async def _each_message_is_taken_once(self) -> None:
        rows = await self._connection.fetch("SELECT etat FROM inbox")
        assert [row["etat"] for row in rows] == ["accepte"] * (len(VACANCIES) + len(REFERRALS)), rows
        for key, told in self._senders.told.items():
            assert told.count(False) <= 1, f"{key} : deux fois nouveau"

    async def _each_event_is_applied_once(self) -> tuple[int, int]:
        """Check that one referral got the place and the other became a conflict that the SIAO is notified of,
        unless the first one's reservation had ended by then. Every effective event must have moved its subject by
        one version; a reservation moves its place too.

        Return how many referrals got the place, and how many reservations ended.
        """
        rows = await self._connection.fetch(_EVENTS)
        counted = {(row["type"], row["kind"]): row["number"] for row in rows}
        received = counted.pop((LivraisonRemise.TYPE, None), 0)
        placed, run_out = counted[OrientationProposee.TYPE, None], counted.pop((PlaceLiberee.TYPE, None), 0)
        conflicts = len(REFERRALS) - placed
        refused = {(OrientationProposee.TYPE, "anomalie"): conflicts, (AlerteConflit.TYPE, None): conflicts}
        assert received <= placed, counted
        assert placed - run_out in (0, 1), counted
        assert counted == {
            (PlaceVacante.TYPE, None): VACANT,
            (OrientationProposee.TYPE, None): placed,
            **{name: number for name, number in refused.items() if number},
        }, counted
        for row in await self._connection.fetch(_VERSIONS, PlaceLiberee.TYPE):
            assert row["version"] == row["applied"] + row["referrals"], row
            assert row["referrals"] - row["run_out"] == ('"orientation": "' in row["donnees"]), row
        assert await self._connection.fetchval("SELECT count(*) FROM quarantine") == 0
        return placed, run_out

    async def _each_delivery_has_one_effect_and_in_order(self, partner: str, number: int) -> None:
        """Check that each delivery had one effect, in order. A refused delivery must have none; an undecided one
        may have none or one, at any time."""
        rows = await self._connection.fetch(_DELIVERIES, partner)
        assert len(rows) == number, rows
        sure = {row["id"]: row["subject"] for row in rows if row["etat"] == "livree"}
        undecided = {row["id"] for row in rows if row["etat"] == "incertaine"}
        journal = self._journals[partner]
        assert {row["etat"] for row in rows} <= {"livree", "refusee", "incertaine"}, rows
        assert not (journal.decides and undecided), rows
        effects = Counter(effect.key for effect in journal.effects)
        assert effects.keys() <= sure.keys() | undecided
        assert max(effects.values(), default=1) == 1, f"{partner} a agi deux fois"
        for subject in set(sure.values()):
            due = [key for key, about in sure.items() if about == subject]
            assert [key for key in effects if key in due] == due, f"{partner} : désordre ou perte"
        self._places_are_told_in_the_order_of_acceptance(journal, undecided)

    def _places_are_told_in_the_order_of_acceptance(self, journal: Journal, undecided: set[UUID]) -> None:
        places: dict[str, list[int]] = {}
        for effect in journal.effects:
            if effect.body["type"] == "place.vacante" and effect.key not in undecided:
                place = effect.body["place"]
                places.setdefault(place["identifiantExterne"], []).append(place["capacite"])
        assert all(told == sorted(told) for told in places.values()), places

    async def _no_lane_counts_wrong_or_stays_held(self) -> None:
        lanes = await self._connection.fetch(
            "SELECT partner, subject, pending, token FROM lane WHERE pending <> 0"
        )
        assert not lanes, f"voies qui comptent mal : {lanes}"
