"""Every reader of a perimeter holds exactly the list of its households ready for housing, whatever it missed."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from contracts.partner import Famille, Labellisation
from contracts.perimetre import Perimetre
from router.domain.partners import Registry
from tests.integration import clock, lasting
from tests.integration.messages import NOM
from tests.integration.registry import key_of
from tests.integration.retained import later
from tests.integration.test_families import household, joined, mailbox
from tests.integration.test_forgetting import forgotten
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

BOURG, BELLEY = "01053", "01034"


@dataclass
class Copy:
    """The list as a reader keeps it, by the household's number in it."""

    point: int = 0
    fiches: dict[int, Any] = field(default_factory=dict)

    def take(self, page: dict[str, Any]) -> None:
        for line in page["lignes"]:
            self.fiches.pop(line["fiche"], None)
            if line["presente"]:
                self.fiches[line["fiche"]] = line["donnees"]
        self.point = page["point"]

    @property
    def nurs(self) -> set[str]:
        return {each["menage"]["numero_unique"] for each in self.fiches.values()}


def nur(number: int) -> str:
    return f"1110318{number:06d}G1104"


async def say(world: World, number: int, what: str = "declare", **housing: Any) -> None:
    """What the SIAO says of one of its households."""
    said: dict[str, Any] = {"type": f"menage.pret-logement.{what}"}
    if what == "retire":
        said |= {"ficheGroupe": {"id": number}, "suite": {"motif": "RENONCIATION"}}
    else:
        said |= {
            "ficheGroupe": household(number) | {"numeroUnique": nur(number)},
            "logement": {"departement": "01", "dateEvaluation": "2026-03-01", **housing},
        }
    await world.accepted("siao-01", said | {"idMessage": world_clock()})


_said = 0


def world_clock() -> int:
    global _said
    _said += 1
    return _said


async def read(world: World, partner: str, copy: Copy, **asked: int) -> Copy:
    """What a reader fetches, page by page: all behind its point."""
    asked = {"depuis": copy.point, **asked}
    while True:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        status, page = await world.get(partner, f"/v1/liste?{query}")
        assert status == 200, page
        copy.take(page)
        if page["suivant"] is None:
            return copy
        asked |= {"point": page["point"], "apres": page["suivant"]}


async def test_a_reader_that_joins_gets_every_household_that_is_on_the_list_already(world: World) -> None:
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"))
    for number in (1, 2, 3):
        await say(world, number, communes=[BOURG])
    await say(world, 2, "retire")
    await world.settled()
    ddets = mailbox("ddets", Famille.CONTINGENT, "contingent_json")
    late = mailbox("delegataire", Famille.CONTINGENT, "contingent_json")
    elsewhere = mailbox(
        "belley", Famille.CONTINGENT, "contingent_json", perimetre=Perimetre(communes=(BELLEY,))
    )
    await joined(world, ddets, late, elsewhere)
    told = await world.collected("delegataire", 2)
    assert {each["menage"]["numeroUnique"] for each in told} == {nur(1), nur(3)}
    assert sorted(each["numero"] for each in told) == [1, 2]
    await world.settled()
    assert (await read(world, "delegataire", Copy())).nurs == {nur(1), nur(3)}
    assert not (await read(world, "belley", Copy())).fiches
    await joined(world, ddets, late.model_copy(update={"perimetre": Perimetre(communes=(BELLEY,))}))
    for gone in await world.collected("delegataire", 2):
        assert (gone["type"], gone["motif"]) == ("menage.pret-logement.retire", "DEPART_DU_TERRITOIRE")
    await until(lambda: emptied(world), "la liste du délégataire est vide")


async def test_the_siaos_own_label_is_on_the_list_pushed_or_read_also_of_who_joins_later(
    world: World,
) -> None:
    ddets, late = (mailbox(name, Famille.CONTINGENT, "contingent_json") for name in ("ddets", "delegataire"))
    registry = world.registry(**{"siao-01": {"labellisation": Labellisation()}})
    await world.apply(Registry.of([*registry.partners.values(), ddets]))
    await say(world, 1)
    await world.settled()
    early = await read(world, "ddets", Copy())
    await labelled(world, 1, "LABELLISEE")
    described, label = await world.collected("ddets", 2)
    assert (label["type"], label["numero"], label["fiche"]) == ("liste.repondue", 2, described["fiche"])
    await world.apply(Registry.of([*registry.partners.values(), ddets, late]))
    (told,) = await world.collected("delegataire", 1)
    assert (told["label"], told["numero"]) == ("LABELLISEE", 1)
    await world.settled()
    for copy in (early, Copy()):
        ((_, shown),) = (await read(world, "ddets", copy)).fiches.items()
        assert shown["label"] == "LABELLISEE"
    await labelled(world, 1, "REFUSEE", motifRefus="AUTRE")
    await world.settled()
    assert "label" not in (await read(world, "ddets", early)).fiches[told["fiche"]]


async def labelled(world: World, number: int, answer: str, **more: str) -> None:
    """The SIAO answers about its own household."""
    said = {"type": "liste.repondue", "idMessage": world_clock(), "ficheGroupe": {"id": number}}
    await world.accepted(
        "siao-01", said | {"liste": {"reponse": answer, "dateReponse": "02/03/2026", **more}}
    )


async def test_a_reader_whose_perimeter_a_household_has_left_reads_its_name_in_its_mailbox_no_more(
    world: World,
) -> None:
    ddets = mailbox("ddets", Famille.CONTINGENT, "contingent_json")
    await joined(world, ddets)
    for number, commune in ((1, BOURG), (2, BOURG), (3, BELLEY)):
        await say(world, number, communes=[commune])
        await world.settled()  # the mailbox then has them in this order
    keys = [each["cle"] for each in (await world.get("ddets", "/v1/boite"))[1]["envois"]]
    await world.post(b"", path=f"/v1/boite/{keys[0]}/accuse", Authorization=f"Bearer {key_of('ddets')}")

    async def named() -> list[bool]:
        return [NOM in str((await world.get("ddets", f"/v1/boite/{key}"))[1]) for key in keys]

    assert await named() == [True, True, True]
    await joined(world, ddets.model_copy(update={"perimetre": Perimetre(communes=(BELLEY,))}))
    await until(lambda: left(world), "les ménages de Bourg quittent sa liste")
    assert await named() == [False, False, True]
    await later(world, timedelta(days=91))
    del keys[0]  # it was acknowledged, and is gone
    assert await named() == [False, True], "aussi quand la liste ne sait plus qui l'a quittée"


async def left(world: World) -> bool:
    return (await read(world, "ddets", Copy())).nurs == {nur(3)}


async def emptied(world: World) -> bool:
    return not (await read(world, "delegataire", Copy())).fiches


async def test_the_list_and_its_changes_say_the_same_page_by_page(world: World) -> None:
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"))
    for number in range(1, 8):
        await say(world, number)
    await world.settled()
    early = await read(world, "ddets", Copy(), limite=3)
    assert (early.point, len(early.fiches)) == (7, 7)
    assert NOM in str(early.fiches), "la liste a des noms"
    await say(world, 4, "retire")
    await say(world, 5, "actualise", communes=[BELLEY])
    await say(world, 4)
    await say(world, 6, "retire")
    await world.settled()
    whole, caught_up = await read(world, "ddets", Copy()), await read(world, "ddets", early, limite=1)
    assert caught_up == whole
    assert whole.nurs == {nur(n) for n in (1, 2, 3, 4, 5, 7)}
    pushed = await world.collected("ddets", 11)
    assert sorted(each["numero"] for each in pushed) == list(range(1, 12)), "sans trou"
    by_push = Copy()
    for each in sorted(pushed, key=lambda each: int(each["numero"])):
        line = {"fiche": each["fiche"], "presente": not each["type"].endswith("retire"), "donnees": None}
        by_push.take({"lignes": [line], "point": each["numero"]})
    assert by_push.fiches.keys() == whole.fiches.keys()


async def test_two_readers_that_have_not_answered_are_each_reminded_in_their_mailbox(world: World) -> None:
    await joined(
        world,
        mailbox("ddets", Famille.CONTINGENT, "contingent_json"),
        mailbox("delegataire", Famille.CONTINGENT, "contingent_json"),
    )
    await say(world, 1)
    await world.settled()
    await world.collected("ddets", 1)
    await world.collected("delegataire", 1)
    await world.settled()  # the time to answer runs from the receipts, once they are applied
    await clock.subjects_are_older(world, timedelta(days=16))
    for reader in ("ddets", "delegataire"):
        (reminder,) = await world.collected(reader, 1)
        assert (reminder["type"], reminder["echeance"]) == ("alerte.echeance", "REPONSE_LISTE")
        assert "la réponse d'un lecteur de la liste" in reminder["explication"]


async def test_a_forgotten_household_leaves_by_its_number_alone(world: World) -> None:
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"))
    await say(world, 1)
    await say(world, 2)
    (first, _) = await world.collected("ddets", 2)
    await world.settled()
    copy = await read(world, "ddets", Copy())
    menage = (await world.subjects("menage"))[0].id
    await forgotten(world, menage, force=True)
    (gone,) = await world.collected("ddets", 1)
    assert (gone["type"], gone["motif"]) == ("menage.pret-logement.retire", "OUBLIE")
    await world.settled()
    after = await read(world, "ddets", copy)
    assert after.fiches.keys() == {1, 2} - {gone["fiche"]}
    assert await read(world, "ddets", Copy()) == after
    assert first["numero"] == first["fiche"]


async def test_a_number_from_before_a_restore_asks_for_the_whole_list(world: World) -> None:
    from router.store import lists  # as recovery calls it

    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"))
    await say(world, 1)
    await say(world, 2)
    await world.settled()
    async with world.database.transaction() as connection:
        await lists.leap(connection)
    for unknown in ("depuis=1", "point=99999999", "depuis=99999999"):
        status, problem = await world.get("ddets", f"/v1/liste?{unknown}")
        assert (status, problem["title"]) == (410, "Liste à reprendre en entier"), unknown
        assert "GET /v1/liste, sans « depuis » ni « point »" in problem["detail"]
    copy = await read(world, "ddets", Copy())
    assert len(copy.fiches) == 2
    await say(world, 3)
    await world.settled()
    assert len((await read(world, "ddets", copy)).fiches) == 3


async def test_a_clerk_answers_about_the_households_of_a_list_in_json_or_in_a_table(world: World) -> None:
    await joined(
        world,
        mailbox("ddets", Famille.CONTINGENT, "contingent_json"),
        mailbox("delegataire", Famille.CONTINGENT, "contingent_tableau"),
    )
    await say(world, 1)
    await world.settled()
    for reader in ("ddets", "delegataire"):
        copy = await read(world, reader, Copy())
        ((_, listed),) = copy.fiches.items()
        ident = listed["menage"]["id"]
        if reader == "ddets":
            answer = {"type": "liste.repondue", "menage": {"id": ident}, "reponse": "LABELLISEE"}
            await world.accepted("ddets", answer | {"idEvenement": "l-1", "repondueLe": "2026-03-04"})
        else:
            table = f"Réf. ménage;Réponse;Date;Motif de refus\n{ident};Refusé;04/03/2026;HORS_CONTINGENT\n"
            await world.accepted("delegataire", table.encode(), Content_Type="text/csv")
        await world.settled()
    heard = [each["liste"] for each in world.siao.of_type("liste.repondue")]
    assert [(each["lecteur"], each["reponse"]) for each in heard] == [
        ("ddets", "LABELLISEE"),
        ("delegataire", "REFUSEE"),
    ]
