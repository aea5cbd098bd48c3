"""Make and verify signed receipts. With such a receipt, anybody can verify that the hub accepted or delivered
certain bytes.

A receipt contains a row of the audit, and the nonce that was hashed together with the bytes. It also contains
the hashes that lead from this row to a head, the signed hash of the audit's chain.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from router.domain.audit_chain import DELIVERED, AuditRow, Link, bound
from router.domain.audit_heads import UNREADABLE, Head
from router.domain.merkle import Step, path_of, root_from

HUB = "siao-hub"
ALGORITHM = "Ed25519"
LONGEST_BYTES = 64 * 1024
"""Size of the largest receipt that is read, in bytes. The hub's own receipts have about 4 KB."""


class InvalidReceipt(Exception):
    """Error: a signed receipt cannot be read, is not genuine, or cannot prove that certain bytes were
    received. The error's text is the reason, in French."""


class SignedReceipt(NamedTuple):
    """Content of a signed receipt that was verified."""

    entry: AuditRow
    nonce: bytes | None
    """Nonce that stood before the bytes when they were hashed. None if the receipt proves a delivery but was
    made for the sender of the delivered message. With the nonce, this sender could check guesses of what the
    recipient got."""
    digest: bytes
    head: Head

    @property
    def is_of_a_delivery(self) -> bool:
        """Tell whether the receipt proves that the hub delivered a message. Any other receipt proves that the
        hub accepted a message."""
        return self.entry.action == DELIVERED

    def is_about(self, body: bytes) -> bool:
        """Tell whether the receipt is about exactly these bytes. Raises InvalidReceipt if the receipt has no
        nonce, because nobody can then compare it with any bytes."""
        if self.nonce is None:
            raise InvalidReceipt("ce reçu ne montre pas les octets : le destinataire en a un qui les montre")
        return hashlib.sha256(self.nonce + body).digest() == self.digest


def content(
    entry: AuditRow,
    nonce: bytes | None,
    link: Link,
    head: Mapping[str, Any],
    siblings: Sequence[bytes],
    place: int,
) -> dict[str, Any]:
    """Return the content of a receipt about the audit row `entry`, for the caller to sign. `nonce` is the
    nonce that was hashed together with the received bytes; if it is None, nobody can check the receipt
    against these bytes. `link` is the link of the audit's chain that covers the row. `head` is the signed
    head that covers this link. `siblings` are the hashes of all links that this head covers and the previous
    head does not. `place` is the index of `link` among them."""
    row = {
        "numero": entry.id,
        "a": entry.at.isoformat(),
        "acteur": entry.actor,
        "action": entry.action,
        "objet": entry.object,
        "detail": entry.detail,
    }
    sender, recipient = _parties(entry)
    return {
        "emetteur": sender,
        "destinataire": recipient,
        "recu_le": entry.at.isoformat(),
        "nonce": nonce and nonce.hex(),
        "empreinte": entry.detail["empreinte"],
        "ligne": row,
        "chemin_ligne": _written(path_of(link.leaves, link.ids.index(entry.id))),
        "maillon": {"numero": link.rank, "precedent": link.previous.hex()},
        "chemin_maillon": _written(path_of(siblings, place)),
        "tete": head,
    }


def signed(claims: Mapping[str, Any], key: Ed25519PrivateKey) -> str:
    """Sign the content of a receipt (`claims`), and return the signed receipt as a compact JWS (JSON Web
    Signature)."""
    payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    header = {"alg": ALGORITHM, "typ": "siao-recu+jws"}
    return jws.serialize_compact(header, payload, OKPKey.import_key(key), algorithms=[ALGORITHM])


def verified(
    receipt: str, signers: Sequence[Ed25519PublicKey], auditors: Sequence[Ed25519PublicKey]
) -> SignedReceipt:
    """Verify a signed receipt, and return its content. `signers` are the public keys that may have signed the
    receipt, `auditors` those that may have signed the head in it. Raises InvalidReceipt if the receipt cannot
    be read, if a signature or proof fails, or if the receipt differs from the audit row that it contains."""
    claims = _payload(receipt, signers)
    try:
        return _proved(claims, auditors)
    except UNREADABLE as exc:
        raise InvalidReceipt("le reçu ne se lit pas") from exc


def _payload(receipt: str, signers: Sequence[Ed25519PublicKey]) -> Any:
    if len(receipt) > LONGEST_BYTES:
        raise InvalidReceipt("le reçu est trop long pour en être un")
    for key in signers:
        try:
            own = OKPKey.import_key(key)
            return json.loads(jws.deserialize_compact(receipt, own, algorithms=[ALGORITHM]).payload)
        except (JoseError, ValueError, RecursionError):
            continue
    raise InvalidReceipt("cette clé n'a pas signé ce reçu, ou il a été changé")


def _proved(claims: Mapping[str, Any], auditors: Sequence[Ed25519PublicKey]) -> SignedReceipt:
    row, link = claims["ligne"], claims["maillon"]
    at = datetime.fromisoformat(row["a"])
    entry = AuditRow(row["numero"], at, row["acteur"], row["action"], row["objet"], row["detail"])
    root = root_from(entry.digest(), _steps(claims["chemin_ligne"]))
    hashed = bound(link["numero"], bytes.fromhex(link["precedent"]), root)
    head = Head.from_json(json.dumps(claims["tete"]))
    if not head.is_signed_by(auditors):
        raise InvalidReceipt("cette clé n'a pas signé la tête de l'audit que montre le reçu")
    if root_from(hashed, _steps(claims["chemin_maillon"])) != head.root:
        raise InvalidReceipt("la ligne n'est pas dans l'audit que la tête a signé")
    parties = claims["emetteur"], claims["destinataire"], claims["recu_le"], claims["empreinte"]
    if parties != (*_parties(entry), row["a"], entry.detail["empreinte"]):
        raise InvalidReceipt("le reçu dit autre chose que la ligne de l'audit")
    nonce = claims["nonce"] and bytes.fromhex(claims["nonce"])
    return SignedReceipt(entry, nonce, bytes.fromhex(claims["empreinte"]), head)


def _parties(entry: AuditRow) -> tuple[str, str]:
    return (HUB, entry.actor) if entry.action == DELIVERED else (entry.actor, HUB)


def _written(path: Sequence[Step]) -> list[list[str]]:
    return [["gauche" if left else "droite", beside.hex()] for left, beside in path]


def _steps(path: Sequence[Sequence[str]]) -> list[Step]:
    return [Step(side == "gauche", bytes.fromhex(beside)) for side, beside in path]
