"""Write the report on a partner's file: how many rows were accepted, and why the others were rejected."""

import json
from contextlib import suppress

import asyncssh
from asyncssh import SFTPClient

from connectors.problem import rejet_json
from connectors.sftp.files import GONE, Advanced, write
from contracts.plurals import many
from contracts.ports import SORTS, IntakeReport, Rejet

SUFFIX = ".rapport.json"
FOR_PEOPLE = ".rapport.txt"


def report_bytes(filename: str, report: IntakeReport) -> bytes:
    """Return a report on a file as JSON with French keys. Equal reports give equal bytes."""
    content: dict[str, object] = {
        "fichier": filename,
        "message": str(report.message_id),
        "recu_le": report.recu_le.isoformat() if report.recu_le else None,
        "etat": report.etat,
        "repetition": report.repetition,
        "acceptes": report.acceptes,
        "rejets": [rejet_json(rejet) for rejet in report.rejets],
        "avertissements": [rejet_json(each) for each in report.avertissements],
    }
    return _json(content)


def report_text(filename: str, report: IntakeReport) -> bytes:
    """Return a report on a file as French text for people."""
    lines = [
        f"{filename} : {SORTS.get(report.etat, report.etat)}, {many(report.acceptes, 'ligne acceptée')}.",
        f"Message {report.message_id}"
        + (f", reçu le {report.recu_le:%d/%m/%Y à %H:%M} UTC" if report.recu_le else ""),
    ]
    if report.repetition:
        lines.append("Ce contenu avait déjà été reçu : voici le résultat d'alors, rien n'a été fait de plus.")
    for title, each in (("À corriger", report.rejets), ("À vérifier", report.avertissements)):
        lines += ["", f"{title} :", *map(_line, each)] if each else []
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def _line(rejet: Rejet) -> str:
    where = "tout le fichier" if rejet.ligne is None else f"ligne {rejet.ligne}"
    called = f" ({rejet.reference})" if rejet.reference else ""
    return f"- {where}{called}{f', {rejet.champ}' if rejet.champ else ''} : {rejet.message}"


def too_large_bytes(filename: str, max_bytes: int) -> bytes:
    """Return the report, as JSON, on a file that is larger than `max_bytes` and was not read."""
    rejet = Rejet(
        "fichier_trop_volumineux",
        f"Le fichier dépasse {max_bytes // 1024} Kio : déposez-le en plusieurs parties.",
    )
    rejets = [rejet_json(rejet)]
    return _json({"fichier": filename, "etat": "trop_volumineux", "acceptes": 0, "rejets": rejets})


async def publish(client: SFTPClient, path: str, content: bytes, advanced: Advanced) -> None:
    """Write a report file. It replaces an earlier report at this path. `advanced` is called after each piece
    that was written."""
    part = f"{path}.part"
    await write(client, part, content, advanced)
    try:
        await client.posix_rename(part, path)
    except asyncssh.SFTPOpUnsupported:
        with suppress(*GONE):
            await client.remove(path)
        await client.rename(part, path)


def _json(content: dict[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode()
