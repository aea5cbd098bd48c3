"""Output of `siao-hub recu verify`, which uses neither database nor network."""

from pathlib import Path

from contracts.errors import Misconfigured
from ops.status.quantities import day_and_hour
from ops.terminal.printing import report
from router.domain.receipts import LONGEST_BYTES, InvalidReceipt, SignedReceipt, verified
from router.privacy.audit_keys import pinned_keys
from router.settings import Settings


def verify(settings: Settings, file: Path, body: Path | None, as_json: bool) -> int:
    """Verify a receipt, and print whether it is valid and what it proves. With `body`, verify also that the
    receipt is about exactly the bytes of this file. Return exit code 0 if all is right, else 1. Raises
    Misconfigured if the settings name no public keys."""
    try:
        receipt = _verified(settings, file)
        if body is not None and not receipt.is_about(_read(body)):
            raise InvalidReceipt(f"{body} n'est pas, octet pour octet, ce qui a été reçu")
    except InvalidReceipt as exc:
        return report(as_json, {"pourquoi": str(exc)}, f"[red]✗[/] {exc}", done=False)
    entry, head = receipt.entry, receipt.head
    what, verb, way = _said(receipt)
    facts = {
        way: entry.actor,
        what: entry.object,
        "recu_le": entry.at,
        "empreinte": receipt.digest.hex(),
        "maillon_de_la_tete": head.rank,
        "tete_signee_le": head.at,
    }
    return report(
        as_json,
        facts,
        f"[green]✓[/] {verb} {entry.object} {'à' if receipt.is_of_a_delivery else 'de'} « {entry.actor} » le "
        f"{day_and_hour(entry.at)}",
        f"  prouvé par la tête de l'audit signée le {day_and_hour(head.at)} (maillon {head.rank})",
        "  ce sont ces octets" if body else "  --corps FICHIER dit si ce sont ces octets",
    )


def _said(receipt: SignedReceipt) -> tuple[str, str, str]:
    if receipt.is_of_a_delivery:
        return "livraison", "le hub a remis la livraison", "destinataire"
    return "message", "le hub a reçu le message", "emetteur"


def _verified(settings: Settings, file: Path) -> SignedReceipt:
    signers, auditors = settings.receipt_public_key_file, settings.audit_public_key_file
    if signers is None or auditors is None:
        raise Misconfigured(
            "un reçu se vérifie contre deux clés épinglées : SIAO_HUB_RECEIPT_PUBLIC_KEY_FILE et "
            "SIAO_HUB_AUDIT_PUBLIC_KEY_FILE"
        )
    text = _read(file)[: LONGEST_BYTES + 1].decode("ascii", "replace")
    return verified(text.strip(), pinned_keys(signers), pinned_keys(auditors))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise Misconfigured(f"{file} ne peut être lu ({exc.strerror})") from exc
