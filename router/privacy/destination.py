"""Find the recipient of a referral to a structure that had no manager when the referral was accepted.

The referral's field `structure` is encrypted, and the business rules may not read it. This module decrypts it,
and writes the structure's present manager into the unencrypted fields.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Attributes
from contracts.errors import InvalidContract
from contracts.privacy import Classe
from contracts.sealed import clear_half, from_bytes, keep_paths, put_together
from contracts.v1 import CONTRATS
from router.domain.location import addressed
from router.domain.partners import Registry
from router.privacy.sealing import unseal_part

STRUCTURE = frozenset({"structure"})
"""Encrypted fields that may be decrypted to find the recipient."""


def addressed_since(
    attributes: Attributes, payload: bytes, ciphers: Mapping[UUID, Any], registry: Registry
) -> Contrat | None:
    """Address a stored referral that has no recipient to the partner that manages its structure now:

    * If a partner manages the structure, return the referral with this partner as its recipient.
    * If no partner manages it, or if the household is forgotten, return the referral without a recipient.
    * If the structure cannot be decrypted, for example because a data key is damaged, return None.

    The returned referral lacks its encrypted fields. `attributes` and `payload` are those of the stored referral.
    `ciphers` has the ciphers of the data keys, by holder."""
    clair, parts = from_bytes(payload)
    kind = CONTRATS[attributes.type]
    secret = [part for part in parts if part.classe is Classe.C4 and part.titulaire in ciphers]
    try:
        trees = [unseal_part(ciphers[part.titulaire], attributes.id, part) for part in secret]
    except InvalidContract:
        return None
    whole = put_together(kind, clair, [keep_paths(tree, STRUCTURE) for tree in trees])
    return put_together(kind, clear_half(addressed(whole, registry.around(attributes.territoire))))
