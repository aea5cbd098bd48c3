"""A sandbox at play: the SIAO that the hub plays sends the partner a household that nobody could take for real."""

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from contracts.base import Nature
from contracts.partner import Partner
from contracts.ports import Native
from contracts.reference.codes import Dispositif
from router.domain.audience import ADDRESSEES
from router.domain.calendar import day_in
from router.domain.rulebooks.place import Etat
from router.domain.sandbox import DIALECT, siao_behind
from router.domain.subjects import Place
from router.intake.receive import Intake
from router.intake.sandbox_http import NotSent, Sent
from router.privacy.crosswalk import Crosswalk, Foreign
from router.store import listing, subjects
from router.store.database import Connection, Database

FREE = (Etat.DISPONIBLE, Etat.A_LIBERER)
DAYS_AHEAD = timedelta(days=2)
AGE = timedelta(days=35 * 365)
SIRET_LENGTH = 14
NUMBERS = 10**12
"""Households are numbered at random below this: no two of a sandbox are the same."""


class Sandbox:
    """Makes the SIAO behind a partner speak, by the same way in as any other."""

    def __init__(self, database: Database, intake: Intake, crosswalk: Crosswalk) -> None:
        self._database = database
        self._intake = intake
        self._crosswalk = crosswalk

    async def send(self, partner: Partner, known_as: str | None) -> Sent | NotSent:
        """Refer a household to a place of the partner, by its id or ours; where none is named to the one that is free
        for longest, else to its first structure. Present it to a landlord. Raises BusUnavailable, Throttled."""
        number = secrets.randbelow(NUMBERS)
        today = day_in(partner.territoire, datetime.now(UTC))
        if partner.famille in ADDRESSEES[Nature.CANDIDATURE]:
            siret = next((s for s in partner.structures if len(s) == SIRET_LENGTH), None)
            if siret is None:
                return NotSent.SANS_STRUCTURE
            await self._say(partner, candidacy(number, siret, today))
            return Sent(await self._ident(partner, Nature.CANDIDATURE, number), Nature.CANDIDATURE)
        if partner.famille not in ADDRESSEES[Nature.ORIENTATION]:
            return NotSent.PAS_DESTINATAIRE
        async with self._database.transaction() as connection:
            place = await self._place(connection, partner, known_as)
        if isinstance(place, NotSent):
            return place
        if place is None and not partner.structures:
            return NotSent.SANS_PLACE
        await self._say(partner, referral(number, place, partner.structures, today))
        ident = await self._ident(partner, Nature.ORIENTATION, number)
        return Sent(ident, Nature.ORIENTATION, None if place is None else place.id)

    async def _place(
        self, connection: Connection, partner: Partner, known_as: str | None
    ) -> Place | NotSent | None:
        """The place that is meant, which must be free."""
        if known_as is None:
            free = await listing.places(connection, FREE, [partner.id], None, 1)
            ids = [row.id for row in free]
        else:
            ids = await self._crosswalk.known(connection, [partner.id], known_as, [Nature.PLACE])
        known = (await subjects.read(connection, [*ids, *_uuid(known_as)])).values()
        place = next((p for p in known if isinstance(p, Place) and p.gestionnaire == partner.id), None)
        if place is None:
            return None if known_as is None else NotSent.PLACE_INCONNUE
        return place if place.etat in FREE else NotSent.PLACE_PRISE

    async def _say(self, partner: Partner, message: Mapping[str, Any]) -> None:
        native = Native(to_json(message), "application/json")
        report = await self._intake.receive(native, siao_behind(partner), DIALECT)
        assert report.etat == "accepte", report.rejets

    async def _ident(self, partner: Partner, nature: Nature, number: int) -> UUID:
        """Our id of what the SIAO has just sent."""
        foreign = Foreign(siao_behind(partner).id, nature, str(number))
        async with self._database.transaction() as connection:
            return (await self._crosswalk.found(connection, [foreign]))[foreign]


def referral(number: int, place: Place | None, structures: tuple[str, ...], today: date) -> dict[str, Any]:
    """A made-up household is directed to a place, or to a structure. Pure."""
    dispositif = place.dispositif if place is not None and place.dispositif else Dispositif.URGENCE
    orientation = {
        "id": number,
        "datePresentation": f"{_free_on(place, today + DAYS_AHEAD):%d/%m/%Y}",
        "dispositif": dispositif,
    }
    where = {"place": {"identifiantExterne": str(place.id)}} if place else {}
    if place is None:
        orientation["structure"] = structures[0]
    return {
        **_head(number, "orientation.proposee"),
        "orientation": orientation,
        **where,
        "ficheGroupe": _household(number, today),
    }


def _free_on(place: Place | None, day: date) -> date:
    return max(day, place.libre_le) if place and place.libre_le else day


def candidacy(number: int, siret: str, today: date) -> dict[str, Any]:
    """A made-up household is presented to who attributes homes. Pure."""
    household = {
        **_household(number, today),
        "numeroUnique": f"001{today:%m%y}{number % 10**6:06d}G0001",
        "ressourcesMensuelles": "1042,50",
    }
    return {
        **_head(number, "candidature.presentee"),
        "candidature": {"id": number, "bailleur": siret, "canal": "ACCORD_COLLECTIF"},
        "ficheGroupe": household,
    }


def _head(number: int, event: str) -> dict[str, Any]:
    return {"idMessage": f"{number}-{event}", "type": event, "emetteur": "SIAO simulé (bac à sable)"}


def _household(number: int, today: date) -> dict[str, Any]:
    """A woman of 34, whose name and telephone number are of fiction."""
    person = {
        "nom": "Fictif",
        "prenom": "Églantine",
        "sexe": "F",
        "dateNaissance": f"{today - AGE:%d/%m/%Y}",
    }
    return {
        "id": number,
        "composition": {"id": 20},
        "nbAdultes": 1,
        "nbEnfants": 0,
        "telephone": "01 99 00 12 34",
        "personnes": [person],
    }


def _uuid(known_as: str | None) -> list[UUID]:
    try:
        return [UUID(known_as or "")]
    except ValueError:
        return []
