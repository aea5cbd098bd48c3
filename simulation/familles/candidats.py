"""Formats of recipients of candidacies: CIL and contingent in JSON, a local authority with a spreadsheet."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from simulation import actes, alerts, collecteur, people, story
from simulation.cast import CIL
from simulation.familles.langue import Langue, Reply, as_json, only_line
from simulation.journal import Record
from simulation.story import Step

PRESENTED, READY = "candidature.presentee", "menage.pret-logement.declare"
RESULTATS = {
    "ATT": "ATTRIBUTION",
    "RNG": "ATTRIBUTION_RANG",
    "CSP": "SOUS_CONDITION",
    "NAT": "NON_ATTRIBUTION",
    "IRR": "IRRECEVABILITE",
}
DATES = {
    "candidature.inscrite": "commissionLe",
    "decision.commission": "commissionLe",
    "designation.contingent": "designationLe",
    "bail.signe": "signatureLe",
}
AGREEMENT = "ACC-59-1"
COLUMNS = ("Réf. SIAO", "Suite", "Date", "Rang")
SUITES = {
    "candidature.accusee": "Dossier reçu",
    "candidature.inscrite": "Inscrit en commission",
    "proposition.acceptee": "Accepté par le ménage",
    "REF": "Refusé par le ménage",
    "SIL": "Sans réponse du ménage",
    "ATT": "Attribué",
    "RNG": "Attribué, avec rang",
    "CSP": "Attribué sous condition",
    "NAT": "Non attribué",
    "IRR": "Irrecevable",
    "bail.signe": "Bail signé",
}


def read_of_a_collector(body: bytes) -> Record:
    """Return the collector's journal line for a delivery: a candidate, a signature, or an alert."""
    said = json.loads(body)
    match said["type"]:
        case actes.AGREEMENT:
            return actes.heard(said["type"], said, CIL)
        case collecteur.LISTED:
            return collecteur.heard(said)
        case event if event.startswith(alerts.ALERT):
            return collecteur.reminded(said)
    return read_event(body)


def read_event(body: bytes) -> Record:
    """Return the journal line for a candidacy or a household ready for housing. A telephone number encodes
    the dossier. Raises ValueError."""
    said = json.loads(body)
    if said["type"] not in (PRESENTED, READY):
        raise ValueError("type inattendu")
    number = _dossier(said["menage"]["telephone"])
    record = {"ref": f"{story.loop(number)}:{said['type']}", "event": said["type"]}
    if said["type"] == READY:
        return record
    return {**record, "subject": said["candidature"], "dossier": number}


def read_ready(body: bytes) -> Record:
    """Return the journal line for a household ready for housing. A date of birth encodes its number. Raises
    ValueError."""
    said = json.loads(body)
    if said["type"] != READY:
        raise ValueError("type inattendu")
    (person,) = said["menage"]["personnes"]
    place = people.brought_number(date.fromisoformat(person["dateNaissance"]))
    return {"ref": f"{story.loop(story.dossier(place, story.DEMAND_SLOT))}:{READY}", "event": READY}


def event(subject: str, step: Step, today: date) -> Mapping[str, Any]:
    """Return one step of an answer, as an event."""
    said: dict[str, Any] = {
        "idEvenement": f"{subject}-{step.event}",
        "type": step.event,
        "candidature": subject,
    }
    if step.event in DATES:
        said[DATES[step.event]] = today.isoformat()
    if step.event == "eligibilite.reconnue":
        said["accord"] = AGREEMENT
    if "resultat" in step.codes:
        said["resultat"] = RESULTATS[step.codes["resultat"]]
    if "rang" in step.codes:
        said["rang"] = int(step.codes["rang"])
    if step.codes.get("reponse") == "SIL":
        said["silence"] = True
    return said


def read_sheet(body: bytes) -> Record:
    """Return the journal line for a candidacy in a workbook of one line. Raises ValueError."""
    said = only_line(body)
    if said["Objet"] != "Présentation":
        raise ValueError("objet inattendu")
    number = _dossier(said["Téléphone"])
    ref = f"{story.loop(number)}:{PRESENTED}"
    return {"ref": ref, "event": PRESENTED, "subject": said["Réf. SIAO"], "dossier": number}


def row(subject: str, step: Step, today: date) -> Sequence[str]:
    """Return one step of an answer, as cells."""
    what = step.codes.get("resultat") or step.codes.get("reponse") or step.event
    day = f"{today:%d/%m/%Y}" if step.event in DATES else ""
    return (subject, SUITES[what], day, step.codes.get("rang", ""))


def as_sheet(rows: Sequence[Sequence[str]]) -> bytes:
    """Return a CSV file of these lines, with a heading."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerows([COLUMNS, *rows])
    return buffer.getvalue().encode("utf-8-sig")


def _dossier(phone: str) -> int:
    return story.dossier(people.phone_index(phone), story.CANDIDACY_SLOT)


def replies(effect: Record, today: date) -> Iterator[Reply]:
    """Yield the collector's replies: its signature after the prefect's, or its answers about a household on
    its list."""
    if effect["event"] == actes.AGREEMENT:
        terms = effect["terms"]
        said = actes.signature(actes.AGREEMENT, terms, CIL)
        yield Reply(actes.rows(actes.AGREEMENT, terms, CIL), said)
    for step, sent in collecteur.answers(effect):
        numero = collecteur.numero_unique(effect["dossier"], today)
        yield Reply([sent], {**event(sent.subject, step, today), "candidature": numero})


CANDIDATS = Langue("application/json", read_event, as_json, answer=event)
COLLECTEUR = Langue("application/json", read_of_a_collector, as_json, answer=event, replies=replies)
LISTE = Langue("application/json", read_ready, as_json)
TABLEAU = Langue("text/csv", read_sheet, as_sheet, answer=row, first_row=2)
