"""The partners' own servers, as the hub's connectors meet them: webhooks checked, files taken and left."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import uuid4

import asyncssh
import pytest

from connectors.http_out import HttpSink
from connectors.sftp import SftpSink, SftpSource
from contracts.entry import RefusDansReponse
from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused
from contracts.http import SortieHttp
from contracts.partner import ClasseLivraison
from contracts.ports import IntakeReport, Native
from contracts.sftp import EntreeSftp, SortieSftp
from deploy.local.ports import reserved_ports
from ops.partners.registry_file import load
from router.domain.partners import hash_of
from simulation import collecteur, moods, sftp_server, stage
from simulation.cast import PARTS, SIAO_COMMUN, Porte
from simulation.chaos.deadlines import DELAIS
from simulation.config import load as load_config
from simulation.inbox import Inbox
from simulation.journal import Journal, read
from simulation.moods import Humour, Mood, Temper
from simulation.webhook_server import FALSE_SUCCESS, FALSE_SUCCESS_FIELD, PATH, webhook_server

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


async def _nothing(_effect):
    return


def understand(body):
    if body == b"?":
        raise ValueError
    return {"ref": body.decode()}


async def deliver(tmp_path, secret, *deliveries):
    """What the hub's own sink makes of the answers to (body, key) deliveries."""
    (tmp_path / "secret").write_text(secret)
    (tmp_path / "secret").chmod(0o600)
    journal = Journal(tmp_path / "j")
    outcomes: list[Any] = []
    with reserved_ports(1) as (port,):
        async with (
            asyncio.TaskGroup() as tasks,
            webhook_server(port, SECRET, Inbox(journal, _nothing, tasks), understand),
        ):
            url = f"http://127.0.0.1:{port}{PATH}"
            sink = HttpSink(SortieHttp(url=url, secret=f"file:{tmp_path / 'secret'}"))
            for body, key in deliveries:
                try:
                    outcomes.append(await sink.send(Native(body, "application/json"), key))
                except (Misconfigured, Refused) as exc:
                    outcomes.append(type(exc))
            await sink.close()
    journal.close()
    return outcomes


async def test_a_signed_delivery_is_taken_once(tmp_path):
    outcomes = await deliver(tmp_path, SECRET, (b"a", "k"), (b"a", "k"))
    assert all(receipt.proven for receipt in outcomes)
    assert [r["kind"] for r in read(tmp_path / "j")[0]] == ["received", "effect", "repeated"]


async def test_a_delivery_signed_with_another_secret_is_not_taken(tmp_path):
    other = SECRET.replace("MDEy", "OTk5")
    assert await deliver(tmp_path, other, (b"a", "k")) == [Misconfigured]
    assert read(tmp_path / "j")[0] == []


async def test_what_is_not_understood_is_refused(tmp_path):
    assert await deliver(tmp_path, SECRET, (b"?", "k")) == [Refused]


async def test_a_known_key_is_a_repetition_whatever_its_content_says_now(tmp_path):
    outcomes = await deliver(tmp_path, SECRET, (b"a", "k"), (b"?", "k"))
    assert all(receipt.proven for receipt in outcomes)
    assert [r["kind"] for r in read(tmp_path / "j")[0]] == ["received", "effect", "repeated"]


async def test_the_hub_takes_and_leaves_files_at_a_partners_sftp_server(tmp_path):
    sftp_server.prepare(tmp_path)
    root = tmp_path / sftp_server.ROOT
    with reserved_ports(1) as (port,):
        access = {
            "hote": "127.0.0.1",
            "port": port,
            "utilisateur": sftp_server.USER,
            "cle_privee": f"file:{tmp_path / sftp_server.CLIENT_KEY}",
            "cle_hote": sftp_server.host_key(tmp_path),
        }
        async with sftp_server.sftp_server(tmp_path, port):
            source = SftpSource(EntreeSftp(**access, dossier="/depot", dialecte="x", stable_s=0))
            (root / "depot" / "f.csv").write_bytes(b"lignes")
            (native,) = [native async for native in source.fetch()]
            await source.done(native, IntakeReport(uuid4(), "accepte", 1))
            sink = SftpSink(SortieSftp(**access, dossier="/envois"))
            await sink.send(Native(b"envoi", "text/csv", "e.csv"), "k")
            await source.close()
            await sink.close()
    assert native.body == b"lignes"
    assert (root / "depot" / "archives" / "f.csv").exists()
    assert (root / "depot" / "rapports" / "f.csv.rapport.json").exists()
    assert (root / "envois" / "e.csv").read_bytes() == b"envoi"


@pytest.mark.parametrize("merging", [False, True])
async def test_the_stage_is_a_registry_that_the_hub_takes_and_programs_that_find_their_configuration(
    tmp_path, merging
):
    ports = range(20_000, 20_000 + stage.PORTS)
    setting = stage.set_up(tmp_path, ports, {}, 10, 1, date(2026, 3, 2), merging=merging)
    registry = load(setting.registry)
    successor = {SIAO_COMMUN.id} if merging else set()
    assert set(registry.partners) == {part.id for part in PARTS} | successor
    for ident, config in setting.configs.items():
        assert load_config(setting.config_file(ident)) == config
        assert registry.by_key_hash(hash_of(config.api_key)) == registry.get(ident)
    assert sum(len(config.places) for config in setting.configs.values()) == 10


@asynccontextmanager
async def dropping(tmp_path):
    """The hub's sink before a partner's file server, and the file of the server's mood."""
    sftp_server.prepare(tmp_path)
    mood = tmp_path / "humeur.json"
    with reserved_ports(1) as (port,):
        async with sftp_server.sftp_server(tmp_path, port, Temper(mood, "")):
            sink = SftpSink(
                SortieSftp(
                    hote="127.0.0.1",
                    port=port,
                    utilisateur=sftp_server.USER,
                    cle_privee=f"file:{tmp_path / sftp_server.CLIENT_KEY}",
                    cle_hote=sftp_server.host_key(tmp_path),
                    dossier="/envois",
                )
            )
            yield sink, mood
            await sink.close()


ENVOI = Native(b"envoi", "text/csv", "e.csv")


@pytest.mark.parametrize("bad", [Mood.FULL, Mood.CLOSED])
async def test_while_a_partners_disk_is_full_or_its_server_closed_nothing_is_delivered_and_afterwards_it_is(
    tmp_path, bad
):
    dropped = tmp_path / sftp_server.ROOT / "envois" / "e.csv"
    async with dropping(tmp_path) as (sink, mood):
        assert not await sink.has_received(ENVOI, "k")
        for _connection in ("that was open", "that is new"):
            moods.write(mood, Humour(bad))
            with pytest.raises(PartnerUnavailable) as raised:
                await sink.send(ENVOI, "k")
            assert raised.type is PartnerUnavailable
            assert not dropped.exists()
        moods.write(mood, None)
        await sink.send(ENVOI, "k")
    assert dropped.read_bytes() == b"envoi"


async def test_a_closed_file_server_lets_nobody_in(tmp_path):
    sftp_server.prepare(tmp_path)
    moods.write(tmp_path / "humeur.json", Humour(Mood.CLOSED))
    with reserved_ports(1) as (port,):
        async with sftp_server.sftp_server(tmp_path, port, Temper(tmp_path / "humeur.json", "")):
            key = tmp_path / sftp_server.CLIENT_KEY
            with pytest.raises((asyncssh.ConnectionLost, OSError)):
                await asyncssh.connect(
                    "127.0.0.1", port, username="hub", client_keys=[key], known_hosts=None, config=None
                )


async def test_a_file_server_that_hangs_up_has_taken_the_file_and_can_be_asked(tmp_path):
    async with dropping(tmp_path) as (sink, mood):
        moods.write(mood, Humour(Mood.CUT))
        with pytest.raises(OutcomeUnknown):
            await sink.send(ENVOI, "k")
        assert await sink.has_received(ENVOI, "k")


def test_every_class_of_delivery_is_on_the_stage_and_whoever_can_be_asked_is_so_by_http_and_by_sftp(tmp_path):
    setting = stage.set_up(tmp_path, range(20_000, 20_000 + stage.PORTS), {}, 10, 1, date(2026, 3, 2))
    partners = load(setting.registry).partners.values()
    assert {p.id: p.livraison for p in partners} == {
        ident: config.livraison for ident, config in setting.configs.items()
    }
    ways = {(p.livraison, p.sortie.type) for p in partners if p.sortie}
    assert {(ClasseLivraison.INTERROGEABLE, "http"), (ClasseLivraison.INTERROGEABLE, "sftp")} < ways
    assert {livraison for livraison, _ in ways} == set(ClasseLivraison)
    assert all(config.recognises == (config.livraison == "deduplique") for config in setting.configs.values())


def test_who_has_little_time_says_so_in_its_entry_and_in_its_program_and_nobody_else_does(tmp_path):
    setting = stage.set_up(
        tmp_path, range(20_000, 20_000 + stage.PORTS), {}, 10, 1, date(2026, 3, 2), delais=DELAIS
    )
    said = {p.id: p.delais.model_dump(exclude_none=True) for p in load(setting.registry).partners.values()}
    assert {ident: delais for ident, delais in said.items() if delais} == {**DELAIS, **collecteur.DELAIS}
    assert {ident: dict(config.delais) for ident, config in setting.configs.items()} == said
    assert load_config(setting.config_file("escale")).delais == DELAIS["escale"]


def test_whoever_may_say_no_inside_a_2xx_says_in_its_entry_how_it_does(tmp_path):
    """Its server does (`Mood.FALSE_SUCCESS`): without `refus` each such refusal is a delivery counted as taken."""
    setting = stage.set_up(tmp_path, range(20_000, 20_000 + stage.PORTS), {}, 10, 1, date(2026, 3, 2))
    ways = {p.id: p.sortie for p in load(setting.registry).partners.values()}
    says = {ident: way.refus for ident, way in ways.items() if isinstance(way, SortieHttp)}
    assert says.keys() == {part.id for part in PARTS if part.porte is Porte.HTTP}
    assert says == dict.fromkeys(says, RefusDansReponse(champ=FALSE_SUCCESS_FIELD, valeurs=(FALSE_SUCCESS,)))
