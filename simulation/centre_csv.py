"""Shelter whose software only knows files: all messages as CSV, on its own SFTP server.

French column names, CP1252, dates as jj/mm/aaaa: the profile `hebergement_gestion`. `python -m
simulation.centre_csv CONFIG.json`.
"""

import asyncio
import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from io import StringIO

from simulation import alerts, program
from simulation.answering import paced, wrong_row
from simulation.cast import CENTRE_CSV, PLACES
from simulation.config import Config
from simulation.drop_folder import DropFolder, Line, take_deliveries
from simulation.inbox import Inbox
from simulation.journal import Kind, Record
from simulation.moods import Temper
from simulation.places import Place
from simulation.sftp_server import sftp_server
from simulation.shelter import (
    ANNULEE,
    FORESEEN,
    PROPOSEE,
    Referral,
    Referrals,
    becoming_vacant,
    day_of_answer,
    dossier_of,
)

ENCODING = "cp1252"
PLACES_SECONDS, DECISIONS_SECONDS = 0.5, 1.0
"""Seconds between two files. None is written without content."""

Cells = Mapping[str, str]
Encode = Callable[[Sequence[Cells]], bytes]

PLACE_COLUMNS = (
    "N° de chambre",
    "Situation",
    "N° FINESS",
    "N° commune",
    "Département",
    "Adresse",
    "Dispositif",
    "Nature de la place",
    "Lits",
    "Public",
    "Disponible le",
    "Départ prévu le",
)
DECISION_COLUMNS = ("Réf. orientation", "Suite donnée", "Date de la suite", "Refus de", "Motif du refus")
NATURES = {"URGENCE": "Urgence", "STABILISATION": "Stabilisation", "INSERTION": "Insertion"}
PUBLICS = {
    "10": "Homme seul",
    "20": "Femme seule",
    "30": "Couple",
    "40": "Femme avec enfants",
    "50": "Homme avec enfants",
    "100": "Famille",
}
SUITES = {
    "orientation.accusee": "Reçue",
    "orientation.acceptee": "Acceptée",
    "orientation.mise-en-attente": "Liste d'attente",
    "orientation.refusee": "Refusée",
    "admission.prononcee": "Admis",
    "entree.constatee": "Entré",
    "presentation.absence": "Non présenté",
}
AUTEURS = {"STRUCTURE": "la structure", "PERSONNE": "la personne"}
MOTIFS = {"COMPOSITION_INADAPTEE": "Composition inadaptée", "LOCALISATION": "Localisation"}
ANOMALY, TO_KNOW = "alerte.anomalie", "À savoir"
NATURES_REFERRAL = {"Orientation": PROPOSEE, "Annulation": ANNULEE}


def _row_of(body: bytes) -> Cells:
    (row,) = csv.DictReader(StringIO(body.decode(ENCODING), newline=""), delimiter=";")
    return row


def encoder(columns: Sequence[str]) -> Encode:
    """Return a function that writes a CSV file with these columns."""

    def encode(lines: Sequence[Cells]) -> bytes:
        buffer = StringIO(newline="")
        writer = csv.DictWriter(buffer, columns, restval="", delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(lines)
        return buffer.getvalue().encode(ENCODING)

    return encode


def alert(body: bytes) -> Record | None:
    """Return the journal line for a file about an answer without effect; None for another."""
    row = _row_of(body)
    if row["Nature"] != TO_KNOW:
        return None
    why = row["Explication"].replace(":", ",")
    return alerts.effect(
        ANOMALY,
        {"motif": row["Motif"]},
        subject=row["Réf. orientation"],
        about=why,
        due=None,
        to=CENTRE_CSV.id,
    )


def understand(body: bytes, today: date) -> Referral:
    """Read a file of one referral."""
    row = _row_of(body)
    event = NATURES_REFERRAL[row["Nature"]]
    number = None
    if event == PROPOSEE:
        day = datetime.strptime(row["Attendu le"], "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone
        number = dossier_of(row["N° de chambre"], day, today)
    return Referral(event, row["Réf. orientation"], number)


def vacancy(place: Place, today: date, foreseen: bool = False) -> Cells:
    """Return the CSV cells of a place that is vacant, or will be."""
    day = french(today)
    state = (
        {"Situation": "Départ prévu", "Départ prévu le": day}
        if foreseen
        else {"Situation": "Libre", "Disponible le": day}
    )
    return {
        "N° de chambre": place.code,
        "N° FINESS": place.structure.finess,
        "N° commune": str(int(place.structure.commune[2:])),
        "Département": place.structure.commune[:2],
        "Adresse": place.adresse,
        "Dispositif": NATURES[place.dispositif],
        "Nature de la place": NATURES[place.dispositif],
        "Lits": str(len(place.compositions)),
        "Public": ", ".join(PUBLICS[code] for code in place.compositions),
        **state,
    }


def decision(orientation: str, event: str, codes: Mapping[str, str], today: date) -> Cells:
    """Return the CSV cells of one step of an answer."""
    dated = event not in ("orientation.accusee", "orientation.mise-en-attente", "orientation.refusee")
    return {
        "Réf. orientation": orientation,
        "Suite donnée": SUITES[event],
        "Date de la suite": french(day_of_answer(event, today)) if dated else "",
        "Refus de": AUTEURS.get(codes.get("auteur", ""), ""),
        "Motif du refus": MOTIFS.get(codes.get("motif", ""), ""),
    }


def wrong_vacancies(config: Config) -> list[Line]:
    """Return invalid lines, such as people and spreadsheets produce, with their journal rows."""
    finess = config.places[0].structure.finess
    spoilt = {
        "finess": {"N° FINESS": finess[:-1] + str((int(finess[-1]) + 1) % 10)},
        "date": {"Disponible le": "31/02/2026"},
        "nature": {"Nature de la place": "Studio partagé"},
        "etrangere": {"N° FINESS": config.foreign},
        "situation": {"Situation": "À confirmer"},
    }
    good = vacancy(config.places[0], config.today)
    return [
        Line(wrong_row(config, PLACES, name), {**good, "N° de chambre": f"TIL-{name}", **cells})
        for name, cells in spoilt.items()
    ]


def french(day: date) -> str:
    return f"{day:%d/%m/%Y}"


async def main(config: Config) -> None:
    async with program.journal_of(config) as journal, asyncio.TaskGroup() as tasks:
        decisions = DropFolder(config, journal, encoder(DECISION_COLUMNS), "decisions-%06d.csv", 2)
        places = DropFolder(config, journal, encoder(PLACE_COLUMNS), "places-%06d.csv", 2)
        referrals = Referrals()
        referrals.remember([r for r in journal.past if r["kind"] == Kind.EFFECT])

        async def react(effect: Record) -> None:
            async for step, row in paced(config, effect):
                decisions.put(Line(row, decision(effect["subject"], step.event, step.codes, config.today)))

        inbox = Inbox(journal, react, tasks, recognises=config.recognises)
        async with sftp_server(config.folder, config.port, Temper(config.mood, config.temper)):
            await program.started(config)
            inbox.resume()
            tasks.create_task(publish(config, places))
            tasks.create_task(places.run(PLACES_SECONDS))
            tasks.create_task(decisions.run(DECISIONS_SECONDS))
            await take_deliveries(
                config.folder,
                inbox,
                lambda body: alert(body) or referrals.effect(understand(body, config.today)),
            )


async def publish(config: Config, folder: DropFolder) -> None:
    """Write each place to a file when it becomes vacant, with some invalid lines."""
    wrong = wrong_vacancies(config)
    async for place, event, row in becoming_vacant(config):
        folder.put(Line(row, vacancy(place, config.today, foreseen=event == FORESEEN)))
        if wrong and place.number % 3 == 0:
            folder.put(wrong.pop())
    for line in wrong:
        folder.put(line)


if __name__ == "__main__":
    program.run(main)
