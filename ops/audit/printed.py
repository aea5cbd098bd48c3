"""Output of `siao-hub audit verify` and `siao-hub audit cle`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from contracts.plurals import many
from ops.audit import proving
from ops.audit.proving import Verdict, gathered
from ops.status.quantities import day_and_hour
from ops.terminal.printing import console, in_json, opened, report
from router.domain.audit_chain import Finding
from router.privacy.audit_keys import signing_key
from router.settings import Settings

LISTED = 20
"""Maximum number of positions that are listed for one kind of fault."""


async def verify(
    settings: Settings, heads: Path | None, key: str | None, restorations: int, as_json: bool
) -> int:
    """Verify that the audit is whole (complete and unchanged), and print the result. `heads` and `key`
    replace the file of heads and the public key of the settings. If the audit shows more restorations of the
    database than the operator knows of (`restorations`), the audit is not proved whole. Return 0 if the audit
    is proved whole, else 1."""
    evidence = await gathered(settings, heads, key)
    async with opened(settings) as database:
        verdict = await proving.verify(database, evidence, datetime.now(UTC), restorations)
    if as_json:
        in_json(_content(verdict))
    else:
        for line in _told(verdict):
            console.print(line, soft_wrap=True)
    return 0 if verdict.is_whole else 1


def public_key(settings: Settings, as_json: bool) -> int:
    """Print the public key with which anybody can verify the audit. Return exit code 0."""
    key = signing_key(settings).public_key().public_bytes_raw().hex()
    return report(as_json, {"cle": key}, key)


def _told(verdict: Verdict) -> Iterator[str]:
    proof, head = verdict.proof, verdict.last_head
    if proof.findings:
        yield f"[red]✗[/] l'audit n'est pas entier : {many(len(proof.findings), 'défaut')} sur {proof.rows} lignes"
        yield from _faults(proof.findings)
    elif verdict.doubts:
        yield f"[yellow]![/] rien n'est faux sur {proof.rows} lignes, mais l'audit n'est pas prouvé entier"
    else:
        yield f"[green]✓[/] audit entier : {proof.rows} lignes, chacune à sa place et telle qu'elle a été écrite"
    for line in (*verdict.doubts, *verdict.notes):
        yield f"[yellow]![/] {line}"
    if head is not None:
        yield (
            f"  dernière tête signée le {day_and_hour(head.at)} (maillon {head.rank}) ; "
            f"{many(proof.window, 'ligne liée')} depuis, qu'aucune tête ne couvre encore"
        )
    if verdict.waiting and verdict.waiting_since:
        waiting = many(verdict.waiting, "ligne attend d'être liée", "lignes attendent d'être liées")
        yield f"  {waiting}, la plus ancienne depuis le {day_and_hour(verdict.waiting_since)}"


def _faults(findings: list[Finding]) -> Iterator[str]:
    for fault, same in groupby(sorted(findings), key=lambda finding: finding.fault):
        places = [str(finding.where) for finding in same]
        more = f"… et {len(places) - LISTED} autres" if len(places) > LISTED else ""
        yield f"  {fault} : {', '.join(places[:LISTED])}{more}"


def _content(verdict: Verdict) -> dict[str, object]:
    proof, head = verdict.proof, verdict.last_head
    return {
        "entier": verdict.is_whole,
        "lignes": proof.rows,
        "defauts": [{"defaut": fault, "ou": where} for fault, where in proof.findings],
        "doutes": verdict.doubts,
        "reprises": [
            {"maillon": rank, "a": at, "dernier_perdu": lost} for rank, at, lost in proof.restorations
        ],
        "lacunes": [{"manque": lack, "du": since, "au": until} for lack, since, until in verdict.gaps],
        "derniere_tete": head and {"maillon": head.rank, "a": head.at},
        "fenetre": proof.window,
        "en_attente": verdict.waiting,
        "en_attente_depuis": verdict.waiting_since,
    }
