"""Routes of the console, and one object of each kind for which they can be asked."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import UUID, uuid4

from fastapi.routing import APIRoute

from console.app import PAGES
from console.rights import Droit
from console.visit import Exige
from ops.replay import orders as replay_orders
from router.store import jobs, orphans
from tests.integration.quarantined import refused
from tests.integration.world import World

WAY_IN = {
    "/connexion",
    "/connexion/retour",
    "/connexion/fournisseur",
    "/connexion/lien",
    "/connexion/lien/{secret}",
    "/connexion/code",
}
WHY = "pour l'essai du test"
OWNER = "centre"
LIVE = ("/direct", "/flux/direct", "/mur/direct", "/territoires/direct")
"""Pages that stream for as long as somebody has them open."""


class Route(NamedTuple):
    """A route of the console, and the right that it demands."""

    method: str
    path: str
    droit: Droit


class Things(NamedTuple):
    """One object of each kind that belongs to the shelter `centre`."""

    message: UUID
    delivery: UUID
    subject: UUID
    entry: UUID
    orphan: UUID
    job: UUID

    def paths(self) -> list[str]:
        return [
            f"/messages/{self.message}",
            f"/livraisons/{self.delivery}",
            f"/sujets/{self.subject}",
            f"/quarantaine/{self.entry}",
            f"/partenaires/{OWNER}",
        ]

    def at_the_desk(self) -> list[str]:
        return [f"/bureau/recu/{self.subject}", f"/bureau/envois/{self.message}"]

    def traces(self) -> set[str]:
        """Return texts that would reveal these objects on a page."""
        return {str(each)[:8] for each in self} | {f">{OWNER}<"}

    def asked_of(self, route: Route) -> str:
        """Return the route's path for the object of its kind.

        A kind unknown here gets the id `?`, which does not exist.
        """
        kinds = {
            "messages": self.message,
            "livraisons": self.delivery,
            "sujets": self.subject,
            "quarantaine": self.entry,
            "orphelines": self.orphan,
            "rejeux": self.job,
            "partenaires": OWNER,
            "alertes": "refusees.md",
        }
        first, *rest = route.path.strip("/").split("/")
        at_the_desk = {"envois": self.message} | dict.fromkeys(
            ("recu", "doublons", "orienter", "presenter", "demandes"), self.subject
        )
        kind = at_the_desk.get(rest[0], "?") if first == "bureau" and rest else kinds.get(first, "?")
        path = route.path.format(
            ident=kind, verbe="pause", livraison=self.delivery, dialecte="hebergement_json", nom="x", page="x"
        )
        asked = {"/recherche": f"?q={self.subject}", "/quarantaine/groupe": "?cause=structure_etrangere"}
        return path + asked.get(path, "")

    def forms(self) -> list[Mapping[str, str]]:
        """Return the fields that a form may send: about one entry, about a group of one partner, about a group of
        all partners."""
        said = {"motif": WHY, "dialecte": "hebergement_json", "corps": "{}", "envoi": str(self.subject)}
        said |= {
            "cle": str(uuid4()),
            "acte": "orientation.acceptee.",
            "autre": str(self.subject),
            "decision": "un",
            "saisi": "{}",
            "ligne": f"quarantaine:{OWNER}:x",
            "vu": "2026-01-01T00:00:00Z",
        }
        group, theirs = {"cause": "x"}, {"partenaire": OWNER}
        return [said | {"entree": str(self.entry)} | theirs, said | group | theirs, said | group]


def routes() -> Iterator[Route]:
    """Yield every route except those for logging in. Fails if a route demands no right, or several."""
    for module in PAGES:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            if route.path not in WAY_IN:
                (droit,) = [d.call.droit for d in route.dependant.dependencies if isinstance(d.call, Exige)]
                yield Route("".join(route.methods or ()), route.path.replace(":path", ""), droit)


async def things(world: World) -> Things:
    """Make one object of each kind: a referral that the shelter has received, a refused message of the shelter, an
    orphan answer, a replay job."""
    await world.referred()
    await refused(world, 1)
    await world.settled()
    return await gathered(world)


async def gathered(world: World) -> Things:
    """Return the shelter's objects. Adds an orphan answer and a replay job."""
    delivery = (await world.deliveries(OWNER))[-1]
    message = (await world.messages(OWNER))[0]
    event = (await world.events(OWNER))[0]
    async with world.database.transaction() as connection:
        await orphans.keep(connection, [orphans.Orphan(event.id, OWNER, "inconnu")])
    wanted = jobs.Request(jobs.Filter(partner=OWNER), "test", WHY, dry_run=True)
    job = await replay_orders.ask(world.database, wanted)
    refusal = (await world.quarantined())[0]
    return Things(message.id, delivery.id, delivery.subject, refusal.id, event.id, job)
