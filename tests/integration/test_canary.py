"""A value of its own in every field of every message that a family says: it turns up where the matrix says, and
nowhere else: not in a table, a topic, a log, a metric, an answer, a report, a terminal, a page of the console, nor in
what another family is sent, by whichever transport.

What the bytes and the file names of each dialect hold, `tests/unit/router/privacy/test_canary.py` walks.
"""

import json
import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.registry import ADAPTERS, EVENTS_IN_JSON
from console.rights import MAY, Droit, Profil
from contracts.base import Nature
from contracts.errors import HubError
from contracts.partner import Famille, Partner
from contracts.sftp import SortieSftp
from contracts.v1.examen import ExamenAvis, ExamenInscrit
from deploy.local import Parts
from ops.finding import printed as finding
from ops.tracing import printed as tracing
from ops.unsealing import printed as unsealing
from router.domain.audience import ADDRESSEES
from router.domain.partners import Registry
from router.domain.rights import Stade, rights
from router.domain.subjects import Demande, Envoi, Subject
from router.intake.bodies import CLOUDEVENTS
from router.store import subjects
from simulation.places import structures
from tests.golden.cas import ICI
from tests.integration import canary_ways
from tests.integration.canaris import Canary, Told, alike, messages, of_personal
from tests.integration.canary_ways import ARCHIVES, DROPS, REPORTS, WAYS, Ways, transports
from tests.integration.registry import entry
from tests.integration.visited import LIVE, Route, routes
from tests.integration.visitors import WITH_PROFILE, visitor, works_at
from tests.integration.waiting import until
from tests.integration.world import World
from tests.unit.router.privacy.champs import may_read

SIAO = "si_siao_json"
IN_ONE_ARRAY = (*EVENTS_IN_JSON, CLOUDEVENTS)
"""Dialects of which one message may hold every event that there is."""
SENT_TO = (
    ("orientation.proposee", "orientation", "structure", 0),
    ("candidature.presentee", "candidature", "bailleur", 1),
    ("suivi.demande", "suivi", "operateur", 1),
)
"""Messages that open a subject for an addressee: type, subject, the field that names the addressee, and by which of its
structures."""
TABLES = "prescripteur_tableau"
"""A dialect of tables in which people have names."""
DESK = "/bureau"
PEOPLE_OF_TABLES = {"EXEMPLE": "Canari9901", "Ali": "Canari9902"}
WRONG_ROW = "D-120;Nouvelle;M-4473;Homme seul;deux;;Canari9903;Canari9904;14/02/1990;0;Urgence;01053;;"


@pytest.fixture
async def ways(console: World, parts: Parts, tmp_path: Path) -> AsyncIterator[Ways]:
    """A running hub with its console, and servers of every transport."""
    async with canary_ways.opened(console, parts.bootstrap, tmp_path) as ways:
        yield ways


def everybody(ways: Ways) -> list[Partner]:
    """A partner of each family that speaks all of its dialects in JSON, each transport being somebody's: those that go
    with one dialect alone belong to who speaks it, the others go round."""
    numbers, round_ = iter(structures("01", 1)), cycle(kind for kind, way in WAYS.items() if not way.only)
    special = {way.only: kind for kind, way in WAYS.items() if way.only}
    partners = []
    for famille in Famille:
        own = next(
            nom for nom in (*special, None) if nom is None or famille in ADAPTERS[nom].DECLARATION.familles
        )
        kind = special[own] if own else next(round_)
        partners.append(_one(ways, famille, next(numbers), kind, own))
    return partners


def _one(ways: Ways, famille: Famille, own: Any, kind: type, written: str | None) -> Partner:
    spoken = tuple(nom for nom in IN_ONE_ARRAY if famille in ADAPTERS[nom].DECLARATION.familles)
    ident = f"une-{famille.replace('_', '-')}"
    return entry(
        ident,
        famille,
        written or spoken[-1],
        dialectes=spoken,
        structures=(own.finess, own.siret),
        sortie=ways.out(kind, ident),
        entree=ways.drops(ident, spoken[0]) if kind is SortieSftp else None,
    )


def who_drops_tables(ways: Ways) -> Partner:
    """Somebody who brings people in tables, as files."""
    tables = ways.drops("des-tableaux", TABLES)
    famille = ADAPTERS[TABLES].DECLARATION.familles[0]
    return entry("des-tableaux", famille, TABLES, dialecte_sortant=None, entree=tables)


def sent_by_the_siao(partners: Sequence[Partner], told: Sequence[Told]) -> Iterator[Mapping[str, Any]]:
    """What it says, and a message that opens a subject to each family that gets them."""
    yield from (one.body for one in told)
    by_type = {one.body["type"]: one.body for one in told}
    natures = {nature.value: familles for nature, familles in ADDRESSEES.items()}
    for number, partner in enumerate(partners, 5000):
        for event, what, name, field in SENT_TO:
            if partner.famille in natures[what]:
                subject = {**by_type[event][what], "id": number, name: partner.structures[field]}
                household = {**by_type[event]["ficheGroupe"], "id": number}
                body = {**by_type[event], "idMessage": f"{what}-{number}", what: subject}
                yield {**body, "ficheGroupe": household}


async def test_a_canary_turns_up_where_the_matrix_says_and_nowhere_else(
    ways: Ways, capsys: pytest.CaptureFixture[str]
) -> None:
    world, partners = ways.world, everybody(ways)
    assert transports() == {*WAYS} == {type(partner.sortie) for partner in partners}
    await ways.create_topics()
    await world.apply(Registry.of([*partners, who_drops_tables(ways)]))
    personal: list[Canary] = []
    own: dict[str, list[Canary]] = {}
    answers: list[str] = []
    with capture_logs() as logged:
        for partner in partners:
            own[partner.id] = []
            for dialect in partner.dialectes:
                told = messages(partner, dialect)
                own[partner.id] += of_personal(told)
                said = [one.body for one in told]
                if dialect == SIAO:
                    said = list(sent_by_the_siao(partners, told))
                if partner.entree is not None and partner.entree.dialecte == dialect:
                    await dropped(ways, partner, said)
                    continue
                status, answer = await heard(world, partner.id, said, dialect)
                assert status in (202, 422), answer
                answers.append(json.dumps(answer))
                cut_off = json.dumps(said).encode()[:-1]
                status_of_half, why = await world.send(
                    partner.id, cut_off, f"moitie-{dialect}", SIAO_Dialecte=dialect
                )
                assert status_of_half == 400, why
                answers.append(json.dumps(why))
                if status == 202:
                    answers.append(json.dumps(await world.get(partner.id, f"/v1/messages/{answer['id']}")))
        table = (ICI / TABLES / "demandes.csv").read_text("utf-8")
        for name, canary in PEOPLE_OF_TABLES.items():
            table = table.replace(name, canary)
        await ways.drop("des-tableaux", "demandes.csv", f"{table}{WRONG_ROW}\r\n".encode())
        await until(lambda: is_done(world), "tout est appliqué et livré, sauf derrière la quarantaine")
        await opinion(world, partners)
        await until(lambda: is_done(world), "l'avis du SIAO est livré")
        answers.append(await world.measured())
        pages = await console_of(world)
        await nobody_elses_name_in_the_console_of_each_partner(world, [partner.id for partner in partners])
        await on_a_terminal(world)
    boxes = {partner: alike(await ways.got(partner)) for partner in partners}
    personal = [canary for theirs in own.values() for canary in theirs]

    kept = {
        "tables": (await world.everything()).decode("utf-8", "replace"),
        "topics": str([(r.key, r.value, r.headers) for r in await world.bus.records()]),
        "logs": str(logged),
        "answers, metrics": "\n".join(answers),
        "console": pages,
        "terminal": capsys.readouterr().out,
        "reports, names of files": reported(ways),
    }
    assert all(each.is_in(alike(form)) for each in personal for form in each.written)
    for where, text in kept.items():
        found = alike(text)
        assert [(c.contrat.NOM, c.path) for c in personal if c.is_in(found)] == [], where
        assert "Canari99" not in text, where
    for partner in partners:
        lies_there = alike(str(ways.files(partner.id, DROPS, ARCHIVES)))
        foreign = [c for ident, theirs in own.items() if ident != partner.id for c in theirs]
        assert [(c.contrat.NOM, c.path) for c in foreign if c.is_in(lies_there)] == [], partner.id
    mended = ways.files("des-tableaux", REPORTS)[f"{REPORTS}/demandes.a-corriger.csv"]
    assert "Canari9903" in mended, "sa ligne revient à qui l'a écrite"
    arrived = {
        (partner.famille, canary.contrat.NOM, canary.path): canary
        for partner, box in boxes.items()
        for canary in personal
        if canary.is_in(box)
    }
    assert [read for read, canary in arrived.items() if not allowed(read[0], canary)] == []
    assert {read for read, contrat, _ in arrived if contrat == ExamenInscrit.NOM} == {Famille.SIAO}
    told_of_a_body = {p.famille for p in partners if ExamenAvis.NOM in await ways.got(p)}
    assert {Famille.ETAT, Famille.CONTINGENT} <= told_of_a_body
    hear_of_households = {Famille.SIAO, *(f for familles in ADDRESSEES.values() for f in familles)}
    assert {famille for famille, _, _ in arrived} >= hear_of_households - NEVER_TOLD_WHO


async def opinion(world: World, partners: Sequence[Partner]) -> None:
    """Give the SIAO's opinion on the household that the State put on an agenda, as one that it has presented to the
    prefect's housing services. They learn the opinion alone, however much they may read of a household of their own."""
    numbers = {partner.famille: number for number, partner in enumerate(partners, 5000)}
    siao = next(partner for partner in partners if partner.famille is Famille.SIAO)
    (examined,) = (each.id for each in await world.subjects() if each.nature == Nature.EXAMEN)
    said = {"identifiantExterne": str(examined), "favorable": "OUI", "dateAvis": "2026-03-10"}
    body = {**said, "candidature": numbers[Famille.CONTINGENT], "menage": numbers[Famille.CONTINGENT]}
    message = {"idMessage": "avis", "type": ExamenAvis.NOM, "examen": body}
    status, answer = await world.send(siao.id, message, "avis", SIAO_Dialecte=SIAO)
    assert status == 202, answer


async def heard(world: World, partner: str, said: Sequence[Mapping[str, Any]], dialect: str) -> Any:
    """Status and body of the answer; a busy hub asks its sender to come again, who does so under the same key."""

    async def answered() -> Any:
        status, answer = await world.send(partner, said, f"tout-{dialect}", SIAO_Dialecte=dialect)
        return None if status == 503 else (status, answer)

    return await until(answered, f"le hub répond à {partner}")


NEVER_TOLD_WHO = {Famille.COLLECTIVITE, Famille.ETAT}
"""A collectivité reads who a household is where it registers demands, and this one does not. The State does once a
centre has received a household and asks for its aide sociale: here nobody is received."""


def allowed(famille: Famille, canary: Canary) -> bool:
    """Whether the matrix lets a family read it at some stage."""
    return any(may_read(rights(famille, stade), canary.classe, canary.path) for stade in Stade)


async def is_done(world: World) -> bool:
    """Whether nothing moves any more. A referral to nobody's structure is in quarantine, its withdrawal behind it."""
    applied = await world.backlog() == await world.parked()  # first: a later application makes deliveries
    etats = {delivery.etat for delivery in await world.deliveries()}
    return applied and not etats & {"en_attente", "en_vol"}


async def dropped(ways: Ways, partner: Partner, said: Sequence[Mapping[str, Any]]) -> None:
    """Whole, and cut off in the middle."""
    whole = json.dumps(said).encode()
    await ways.drop(partner.id, "tout.json", whole)
    await ways.drop(partner.id, "moitie.json", whole[:-1])


def reported(ways: Ways) -> str:
    """What the hub has written beside the files of all who drop any: but for the rows that are given back to who wrote
    them."""
    names, texts = [], []
    for folder in ways.sftp.root.iterdir():
        names += [path.name for path in folder.rglob("*")]
        found = ways.files(folder.name, REPORTS)
        texts += [text for name, text in found.items() if ".a-corriger." not in name]
    return "\n".join((*names, *texts))


async def on_a_terminal(world: World) -> None:
    """Print all that somebody on duty may ask for without a reason."""
    nothing = finding.Asked(None, None, None, None, None, None)
    for as_json in (False, True):
        await finding.find(world.settings, nothing, 50, as_json)
    of_each_nature = {subject.nature: subject.id for subject in await world.subjects()}
    idents = [*(message.id for message in await world.messages()), *of_each_nature.values()]
    for ident in idents:
        await tracing.trace(world.settings, str(ident), None, as_json=True)
    for message in await world.messages():
        with suppress(HubError):
            await unsealing.message(world.settings, message.id, "cli:test", None, as_json=False)


def shown_pages() -> list[Route]:
    """All pages but those of the desk: there the people of a partner read what it was sent, as its boxes hold it."""
    return [route for route in routes() if route.method == "GET" and route.droit is not Droit.PARLER]


async def console_of(world: World) -> str:
    """Every page that somebody sees who sees the most, about one thing at least of each kind."""
    assert world.hub is not None
    about: Mapping[str, Collection[object]] = {
        "messages": {(each.partner, each.etat): each.id for each in await world.messages()}.values(),
        "livraisons": {(each.partner, each.etat): each.id for each in await world.deliveries()}.values(),
        "sujets": {each.nature: each.id for each in await world.subjects()}.values(),
        "quarantaine": {each.cause: each.id for each in await world.quarantined()}.values(),
        "partenaires": world.hub.registry.partners,
        "alertes": ["refusees.md"],
    }
    pages = []
    left = [route for route in shown_pages() if route.path not in LIVE]
    for profil in (Profil.OPERATEUR, Profil.DPO):
        mine = [route for route in left if route.droit in MAY[profil]]
        left = [route for route in left if route not in mine]
        async with visitor(world.settings.console, WITH_PROFILE[profil]) as visiting:
            for route in mine:
                things = about[route.path.split("/")[1]] if "{" in route.path else ()
                shown = [await visiting.get(route.path.format(ident=ident)) for ident in things or ("",)]
                assert not things or {page.status for page in shown} == {200}, route
                pages += [page.text for page in shown]
    assert left == []
    return "\n".join(pages)


async def nobody_elses_name_in_the_console_of_each_partner(world: World, partners: Sequence[str]) -> None:
    """Every list, every page of what it has sent, was told of and plays a part in, as a partner's own people see it:
    no name of another partner stands there, and no id of a subject whose page is not theirs. Their first page is the
    desk, which names the other side of what was sent to them or by them."""
    async with world.database.transaction() as connection:
        known = await subjects.read(connection, [each.id for each in await world.subjects()])
    lists = [
        route.path
        for route in shown_pages()
        if "{" not in route.path and route.droit in MAY[Profil.PARTENAIRE]
    ]
    types = {event.id: event.type for event in await world.events()}
    with_no_part: set[str] = set()
    for partner in partners:
        told = {(each.etat, types[each.event_id]): each for each in await world.deliveries(partner)}.values()
        mine = {ident for ident, each in known.items() if partner in each.players}
        others = {each for each in partners if each != partner}
        met = {side for each in known.values() if partner in each.players for side in sides(each)}
        elsewhere = {each.subject for each in told} - mine
        with_no_part |= {partner} if elsewhere else set()
        about = {
            "livraisons": [each.id for each in told],
            "messages": [each.id for each in await world.messages(partner)],
            "sujets": {known[ident].NATURE: ident for ident in mine}.values(),
            "quarantaine": [each.id for each in await world.quarantined() if each.partner == partner],
            "partenaires": [partner],
        }
        paths = [*lists, *(f"/{kind}/{ident}" for kind, idents in about.items() for ident in idents)]
        sub = await works_at(world.settings.console.issuer, partner)
        async with visitor(world.settings.console, sub) as visiting:
            for path in paths:
                shown = await visiting.get(path)
                assert shown.status == 200, (partner, path)
                hidden = others - met if shown.path == DESK else others
                assert [each for each in hidden if stands_in(each, shown.text)] == [], (partner, path)
                led_to = set(re.findall(r"/sujets/([0-9a-f-]{36})", shown.text))
                assert led_to <= {str(each) for each in mine}, (partner, path)
                foreign = [ident for ident in known.keys() - mine if str(ident)[:13] in shown.text]
                assert foreign == [], (partner, path)
            for ident in elsewhere:
                assert (await visiting.get(f"/sujets/{ident}")).status == 404, (partner, known[ident].NATURE)
    assert len(with_no_part) > 2, "à qui est livré ce où il n'a pas part"


def sides(subject: Subject) -> Collection[str]:
    """Who sent it and to whom it went; nobody for a demand that went on to another SIAO, and for what was not sent."""
    went_on = isinstance(subject, Demande) and subject.cedants
    return (subject.emetteur, subject.destinataire) if isinstance(subject, Envoi) and not went_on else ()


def stands_in(partner: str, text: str) -> bool:
    """Whether a text names this partner, and not one whose name is longer."""
    return re.search(rf"(?<![\w-]){partner}(?![\w-])", text) is not None
