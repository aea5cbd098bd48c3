"""Shelter without a server: referrals from its mailbox, decisions as CSV by POST.

Its columns are the profile `hebergement_standard`. Referrals name its FINESS only; it chooses the place. It
asks for aide sociale. `python -m simulation.centre_boite CONFIG.json`.
"""

import asyncio
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from simulation import aide, moods, people, program, story
from simulation.answering import paced, wrong_row
from simulation.cast import REPONSES
from simulation.config import Config
from simulation.hub_door import HubDoor, Sending, hub_door
from simulation.inbox import Inbox
from simulation.journal import Kind, Record, Row
from simulation.moods import Mood
from simulation.shelter import PROPOSEE, Referral, Referrals, day_of_answer

DIALECT = "hebergement_csv"
MEDIA_TYPE = "text/csv; charset=utf-8"
LOOK_SECONDS = 0.25
COLUMNS = ("orientation", "decision", "date", "auteur", "motif")
AID_COLUMNS = (
    *("aide_sociale", "evenement", "orientation", "structure", "chrs", "accueil_du", "jusqu_au", "signee_le"),
    *("pieces", "menage", "composition", "adultes", "nom", "prenom", "date_naissance"),
)
STAY = timedelta(days=180)
FIRST_ROW = 2

DECISIONS = {
    "orientation.accusee": "accusee",
    "orientation.acceptee": "acceptee",
    "orientation.mise-en-attente": "mise-en-attente",
    "orientation.refusee": "refusee",
    "admission.prononcee": "admission",
    "entree.constatee": "entree",
    "presentation.absence": "absence",
}
AID_ANSWERS = {"aide_sociale_recue": aide.RECEIVED, "aide_sociale_repondue": aide.ANSWERED}
DATED = ("acceptee", "admission", "entree", "absence")


def understand(body: bytes) -> Referral:
    """Read a CSV file of one referral, whose version is the number of its dossier."""
    (row,) = csv.DictReader(StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";")
    event = f"orientation.{row['evenement']}"
    return Referral(event, row["orientation"], int(row["version"]) if event == PROPOSEE else None)


def rows(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Split a CSV file of several referrals into one file each, with its event id."""
    reader = csv.DictReader(StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";")
    for row in reader:
        buffer = StringIO(newline="")
        writer = csv.DictWriter(buffer, row.keys(), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerow(row)
        yield row["id_evenement"], buffer.getvalue().encode()


def cells(orientation: str, event: str, codes: Mapping[str, str], today: date) -> Mapping[str, str]:
    """Return the CSV cells of one step of an answer."""
    word = DECISIONS[event]
    day = day_of_answer(event, today).isoformat() if word in DATED else ""
    return {"orientation": orientation, "decision": word, "date": day, **codes}


def aid_cells(place: int, orientation: str, structure: str, today: date) -> Mapping[str, str]:
    """Return the CSV cells of a request for aide sociale."""
    (person,) = people.brought(place).people
    return {
        "aide_sociale": f"{aide.OWN}{place}",
        "evenement": "demandee",
        "orientation": orientation,
        "structure": structure,
        "chrs": "OUI",
        "accueil_du": today.isoformat(),
        "jusqu_au": (today + STAY).isoformat(),
        "signee_le": today.isoformat(),
        "pieces": f"IDENTITE {today.isoformat()}",
        "menage": f"{aide.OWN}M{place}",
        "composition": "10",
        "adultes": "1",
        "nom": person.nom,
        "prenom": person.prenom,
        "date_naissance": person.naissance.isoformat(),
    }


def answered(body: bytes) -> Record | None:
    """Return the journal line for the State's answer; None for a referral."""
    (row,) = csv.DictReader(StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";")
    event = AID_ANSWERS.get(row["evenement"])
    outcome = "aide accordée" if row.get("accordee") == "OUI" else "aide refusée"
    return aide.heard_by_the_shelter(row["orientation"], event, outcome) if event else None


def encode(rows: Sequence[Mapping[str, str]], columns: Sequence[str] = COLUMNS) -> bytes:
    buffer = StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def decision(config: Config, orientation: str, event: str, codes: Mapping[str, str]) -> bytes:
    """Return one step of an answer, as a CSV file of one row."""
    return encode([cells(orientation, event, codes, config.today)])


async def empty_mailbox(
    door: HubDoor, inbox: Inbox, read: Callable[[bytes], Record], mood: Path | None = None
) -> None:
    """Read the mailbox until cancelled. `mood`: file of bad behaviour."""
    while True:
        taken = []
        for key in await door.waiting():
            if (content := await door.fetch(key)) is not None:
                await inbox.take_read(key, content, read)
                taken.append(key)
        if moods.sort_of(mood) is not Mood.SILENT:
            await door.acknowledge(taken)
        await asyncio.sleep(LOOK_SECONDS)


async def post(config: Config, door: HubDoor, row: Row, event: str, codes: Mapping[str, str]) -> None:
    body = decision(config, row.subject, event, codes)
    await door.send(Sending(row.ref, body, MEDIA_TYPE, DIALECT, [row]))


async def ask_for_aid(config: Config, door: HubDoor, effect: Record) -> None:
    """Ask for aide sociale for an arrived household."""
    place, _ = story.place_of(effect["dossier"])
    if place >= people.BROUGHT_AT_MOST:
        return
    rows = aide.request_rows(place, FIRST_ROW)
    cells = aid_cells(place, effect["subject"], config.structures[0], config.today)
    body = encode([cells], AID_COLUMNS)
    await door.send(Sending(rows[0].ref, body, MEDIA_TYPE, DIALECT, rows))


async def post_wrong(config: Config, door: HubDoor) -> None:
    """Send two invalid decisions: an incomplete date, and a motive that does not fit its author."""
    for name, event, codes in (
        ("date", "orientation.acceptee", {"date": "3 mars"}),
        ("auteur", "orientation.refusee", {"auteur": "STRUCTURE", "motif": "LOCALISATION"}),
    ):
        row = wrong_row(config, REPONSES, name, FIRST_ROW)
        body = decision(config, "00000000-0000-4000-8000-000000000001", event, codes)
        await door.send(Sending(row.ref, body, MEDIA_TYPE, DIALECT, [row]))


async def main(config: Config) -> None:
    async with (
        program.journal_of(config) as journal,
        hub_door(config, journal) as door,
        asyncio.TaskGroup() as tasks,
    ):
        referrals = Referrals()
        referrals.remember([r for r in journal.past if r["kind"] == Kind.EFFECT])

        async def react(effect: Record) -> None:
            async for step, row in paced(config, effect, FIRST_ROW):
                await post(config, door, row, step.event, step.codes)
                if step.event == story.ARRIVED:
                    await ask_for_aid(config, door, effect)

        def read(body: bytes) -> Record:
            return answered(body) or referrals.effect(understand(body))

        inbox = Inbox(journal, react, tasks, recognises=config.recognises)
        await program.started(config)
        inbox.resume()
        tasks.create_task(post_wrong(config, door))
        await empty_mailbox(door, inbox, read, config.mood)


if __name__ == "__main__":
    program.run(main)
