"""Find the addressee of a referral whose structure nobody managed at intake. Pure.

The rules do not read the sealed structure. So the partner that now manages it is noted in the clear half.
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
"""Fields of the sealed half that may be opened for routing."""


def addressed_since(
    attributes: Attributes, payload: bytes, ciphers: Mapping[UUID, Any], registry: Registry
) -> Contrat | None:
    """Return the clear half of a referral with the addressee that the present registry gives.

    Returns None if the referral's key is gone or damaged.
    """
    clair, parts = from_bytes(payload)
    kind = CONTRATS[attributes.type]
    secret = [part for part in parts if part.classe is Classe.C4 and part.titulaire in ciphers]
    try:
        trees = [unseal_part(ciphers[part.titulaire], attributes.id, part) for part in secret]
    except InvalidContract:
        return None
    whole = put_together(kind, clair, [keep_paths(tree, STRUCTURE) for tree in trees])
    return put_together(kind, clear_half(addressed(whole, registry.around(attributes.territoire))))
