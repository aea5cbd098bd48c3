"""The command line as ops use it: a question in French, JSON for a machine, eighty columns, warnings before harm."""

import asyncio
import socket
from pathlib import Path

import pytest

from ops.running.supervisor import MISCONFIGURED_STATUS
from router.store import registry as registry_store
from tests.integration import lasting
from tests.integration.desk import COLUMNS, siao_hub
from tests.integration.messages import vacancy
from tests.integration.registry import key_of
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

FILE = """
[[partenaire]]
id = "centre-neuf"
nom = "Centre neuf"
famille = "hebergement"
territoire = "01"
dialectes = ["hebergement_json"]
dialecte_sortant = "hebergement_json"
[partenaire.sortie]
type = "http"
url = "https://centre.exemple.fr/"
secret = "env:SIAO_SECRET_QUE_PERSONNE_N_A"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A registry of one partner, whose secret is nowhere."""
    path = tmp_path / "partners.toml"
    path.write_text(FILE)
    return path


async def test_a_question_takes_o_for_yes_and_enter_for_no(prepared: World, file: Path) -> None:
    for answer, applied in (("\n", False), ("n\n", False), ("o\n", True)):
        await siao_hub(prepared.settings, "partners", "apply", str(file), stdin=answer)
        known = (await siao_hub(prepared.settings, "partners", "list", "--json")).content
        assert ([p["id"] for p in known] == ["centre-neuf"]) is applied, answer


@pytest.mark.parametrize(
    ("command", "instead"),
    [(("partners", "apply", "FICHIER"), "relancez avec --oui"), (("partners", "key"), "docker exec -i")],
)
async def test_where_nobody_can_answer_nothing_is_done_and_the_command_says_how_to_do_without(
    prepared: World, file: Path, command: tuple[str, ...], instead: str
) -> None:
    typed = [str(file) if word == "FICHIER" else word for word in command]
    asked = await siao_hub(prepared.settings, *typed, stdin="")
    assert asked.status == 1
    assert "pas de terminal pour répondre" in asked.errors
    assert instead in asked.errors
    known = (await siao_hub(prepared.settings, "partners", "list", "--json")).content
    assert "centre-neuf" not in [partner["id"] for partner in known]


async def test_a_secret_that_cannot_be_read_is_told_before_the_entry_is_applied(
    prepared: World, file: Path
) -> None:
    shown = await siao_hub(prepared.settings, "partners", "apply", str(file), stdin="n\n")
    assert "centre-neuf, sortie.secret" in shown
    assert shown.text.index("sortie.secret") < shown.text.index("Appliquer ?")


@pytest.mark.parametrize("place", ["env:SIAO_HUB_DATABASE__URL", "file:/etc/hostname"])
async def test_an_entry_that_names_a_secret_of_the_hub_is_refused_before_anything_is_shown(
    place: str, prepared: World, file: Path
) -> None:
    rewritten = FILE.replace("env:SIAO_SECRET_QUE_PERSONNE_N_A", place)
    await asyncio.to_thread(file.write_text, rewritten)
    for how in (("--oui",), ("--json",), ()):
        refused = await siao_hub(prepared.settings, "partners", "apply", str(file), *how, stdin="o\n")
        assert refused.status != 0
        assert "centre-neuf, sortie.secret : Secret refusé" in refused.errors
    known = (await siao_hub(prepared.settings, "partners", "list", "--json")).content
    assert "centre-neuf" not in [partner["id"] for partner in known]


async def test_an_entry_is_shown_with_all_that_holds_for_it(prepared: World) -> None:
    shown = await siao_hub(prepared.settings, "partners", "show", "centre-boite")
    assert "sortie.releve_h" in shown
    assert "livraison" in shown
    assert shown.widest <= COLUMNS
    content = (await siao_hub(prepared.settings, "partners", "show", "centre-boite", "--json")).content
    assert content["boite_relevee_h"] == 4.0
    assert "parle" in content


SHOWN = [
    ("status",),
    ("find",),
    ("partners", "list"),
    ("partners", "show", "centre"),
    ("quarantine", "list"),
    ("quarantine", "jobs"),
    ("deliveries", "list"),
    ("audit", "list"),
    ("audit", "verify"),
    ("audit", "cle"),
    ("cle", "etat"),
    ("partners", "sceller", "centre"),
    ("migrate",),
    ("dialects",),
]


async def test_every_answer_can_be_read_by_a_machine(prepared: World) -> None:
    for command in SHOWN:
        printed = await siao_hub(prepared.settings, *command, "--json")
        assert isinstance(printed.content, dict | list), (command, printed.errors)


async def test_a_401_is_explained_whose_key_it_is_or_was_and_nothing_of_it_is_kept(prepared: World) -> None:
    key = key_of("centre")
    holds = await siao_hub(prepared.settings, "partners", "key", stdin=f"{key}\n")
    assert (holds.status, "clé de « centre » : elle ouvre la porte" in holds) == (0, True)
    await siao_hub(prepared.settings, "partners", "key", stdin="inconnue\n")
    entry = prepared.registry(centre={"cles_api": ("sha256:" + "0" * 64,)})
    await registry_store.apply(prepared.database, entry, "cli:collegue")
    gone = await siao_hub(prepared.settings, "partners", "key", stdin=f"{key}\n")
    assert (gone.status, "clé de « centre » jusqu'au" in gone, "cli:collegue" in gone) == (1, True, True)
    unknown = await siao_hub(prepared.settings, "partners", "key", stdin="inconnue\n")
    assert "cette clé n'est celle de personne" in unknown
    assert key not in holds.text + gone.text
    assert key.encode() not in await prepared.everything()


async def test_a_port_that_is_taken_is_told_before_the_hub_says_that_it_started(prepared: World) -> None:
    with socket.create_server(("127.0.0.1", prepared.settings.http.port)):
        started = await siao_hub(prepared.settings, "run", "--role", "gateway")
    assert started.status == MISCONFIGURED_STATUS
    assert f"port {prepared.settings.http.port}" in started.errors
    assert "hub.started" not in started.errors


async def test_the_audit_list_fits_the_terminal(world: World) -> None:
    await world.accepted("centre", vacancy("A-101"))
    await world.accepted("centre", vacancy("A-102"))
    listed = await siao_hub(world.settings, "audit", "list", "--no-personnes")
    assert "message.accepte" in listed
    assert listed.widest <= COLUMNS
    assert "--combien" not in listed
    one = await siao_hub(world.settings, "audit", "list", "--no-personnes", "--combien", "1")
    assert "--combien en montre davantage" in one


async def test_status_fits_the_terminal_and_its_first_line_is_the_verdict(world: World) -> None:
    await world.accepted("centre", vacancy())
    await world.settled()
    shown = await siao_hub(world.settings, "status", "--tout")
    first = shown.text.splitlines()[0]
    assert "Le hub accepte et livre" in first
    assert shown.widest <= COLUMNS
    assert (await siao_hub(world.settings, "status", "--json")).content["verdict"]["accepte"] is True
