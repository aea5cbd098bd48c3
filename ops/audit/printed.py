"""The proof of the audit at the command line: whether it is whole, and the key that tells."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.errors import Misconfigured
from ops.audit.sealing import Verdict, read_heads, signing_key
from ops.audit.sealing import verify as prove
from ops.terminal.printing import console, in_json, opened, report, time_of
from router.domain.audit_chain import Finding
from router.settings import Settings

LISTED = 20
"""Faults of one kind that are shown one by one."""


async def verify(settings: Settings, heads: Path | None, key: str | None, as_json: bool) -> int:
    """Exit status: 0 where the audit is whole, 1 where it is not."""
    public = _public(key) if key else signing_key(settings).public_key()
    signed = read_heads(heads or settings.audit_heads_file)
    async with opened(settings) as database:
        verdict = await prove(database, signed, public, datetime.now(UTC))
    if as_json:
        in_json(_content(verdict))
    else:
        for line in _told(verdict):
            console.print(line)
    return 1 if verdict.proof.findings else 0


def public_key(settings: Settings, as_json: bool) -> int:
    """The key with which anybody can prove the audit, and nobody sign."""
    key = signing_key(settings).public_key().public_bytes_raw().hex()
    return report(as_json, {"cle": key}, key)


def _public(key: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError as exc:
        raise Misconfigured(
            "--cle : 64 caractères hexadécimaux attendus (« siao-hub audit cle » les dit)"
        ) from exc


def _told(verdict: Verdict) -> Iterator[str]:
    proof, head = verdict.proof, verdict.last_head
    if proof.findings:
        yield f"[red]✗[/] l'audit n'est pas entier : {len(proof.findings)} défaut(s) sur {proof.rows} lignes"
        yield from _faults(proof.findings)
    else:
        yield f"[green]✓[/] audit entier : {proof.rows} lignes, chacune à sa place et telle qu'elle fut écrite"
    if head is None:
        yield "[yellow]![/] aucune tête signée : ces lignes ne sont liées qu'entre elles (voir audit.misconfigured)"
    else:
        yield (
            f"  dernière tête signée le {time_of(head.at.isoformat())} (maillon {head.number}) ; "
            f"{proof.window} ligne(s) liées depuis, et qu'aucune tête ne couvre encore"
        )
    if verdict.waiting and verdict.waiting_since:
        since = time_of(verdict.waiting_since.isoformat())
        yield f"  {verdict.waiting} ligne(s) attendent d'être liées, la plus ancienne depuis le {since}"


def _faults(findings: list[Finding]) -> Iterator[str]:
    for fault, same in groupby(sorted(findings), key=lambda finding: finding.fault):
        places = [str(finding.where) for finding in same]
        more = f"… et {len(places) - LISTED} autres" if len(places) > LISTED else ""
        yield f"  {fault} : {', '.join(places[:LISTED])}{more}"


def _content(verdict: Verdict) -> dict[str, object]:
    proof, head = verdict.proof, verdict.last_head
    return {
        "entier": not proof.findings,
        "lignes": proof.rows,
        "defauts": [{"defaut": fault, "ou": where} for fault, where in proof.findings],
        "derniere_tete": head and {"maillon": head.number, "a": head.at},
        "fenetre": proof.window,
        "en_attente": verdict.waiting,
        "en_attente_depuis": verdict.waiting_since,
    }
