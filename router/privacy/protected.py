"""Encrypt and decrypt a partner's list of structures whose addresses are secret.

Such a list is encrypted in the registry file, in the database and in dumps. It is decrypted only in memory. It is
encrypted with the hub's own data key, and bound to its partner: in the entry of another partner, it cannot be
decrypted.
"""

import base64
from collections.abc import Sequence

import structlog

from contracts.errors import InvalidContract, Misconfigured
from contracts.partner import Partner
from contracts.reference.identifiants import etablissement
from router.domain.partners import Registry
from router.privacy.crosswalk import HUB_HOLDER
from router.privacy.keyring import Keyring
from router.privacy.sealing import Cipher, Damaged, seal, unseal
from router.store.database import Connection

logger = structlog.get_logger()
PREFIX = "scelle:"


def is_needed(registry: Registry) -> bool:
    """Tell whether a data key is needed to read the registry. It is needed if at least one partner has an
    encrypted list of structures with a secret address (`structures_protegees`)."""
    return any(isinstance(partner.structures_protegees, str) for partner in registry.partners.values())


async def seal_structures(
    connection: Connection, keyring: Keyring, partner_id: str, structures: Sequence[str]
) -> str:
    """Encrypt the ids of a partner's structures with a secret address. Return the value to write as
    `structures_protegees` in the partner's registry entry. Raises Misconfigured if an id is neither a FINESS
    (number of a care or social establishment) nor a SIRET (number of a company's establishment)."""
    try:
        text = " ".join(map(etablissement, structures))
    except ValueError as exc:
        raise Misconfigured(str(exc)) from exc
    cipher = (await keyring.get_or_create(connection, [HUB_HOLDER]))[HUB_HOLDER]
    return PREFIX + base64.urlsafe_b64encode(seal(cipher, text.encode(), _bound_to(partner_id))).decode()


async def opened(connection: Connection, keyring: Keyring, registry: Registry) -> Registry:
    """Return the registry with every list `structures_protegees` decrypted. A list that cannot be decrypted stays
    encrypted, and the failure is logged: all structures of its partner then count as secret."""
    partners = []
    cipher = await _cipher(connection, keyring, registry)
    for partner in registry.partners.values():
        try:
            partners.append(_open(partner, cipher))
        except InvalidContract:
            logger.error("partner.structures_sealed", partner=partner.id)
            partners.append(partner)
    return Registry.of(partners, registry.successors)


async def check(connection: Connection, keyring: Keyring, registry: Registry) -> None:
    """Check every partner's list of structures with a secret address (`structures_protegees`). Raises
    Misconfigured, with a message in French, if a list cannot be decrypted, or if the partner's `structures_chrs`
    or `reservations` names a structure in its list."""
    cipher = await _cipher(connection, keyring, registry)
    for partner in registry.partners.values():
        try:
            _open(partner, cipher).check_structures()
        except ValueError as exc:
            raise Misconfigured(str(exc)) from None
        except InvalidContract as exc:
            raise Misconfigured(
                f"{partner.id}, structures_protegees : cette liste n'a pas été scellée par ce hub pour ce partenaire ; "
                f"scellez-la par « siao-hub partners sceller {partner.id} »"
            ) from exc


async def _cipher(connection: Connection, keyring: Keyring, registry: Registry) -> Cipher:
    if not is_needed(registry):
        return Damaged()
    return (await keyring.get(connection, [HUB_HOLDER])).get(HUB_HOLDER, Damaged())


def _open(partner: Partner, cipher: Cipher) -> Partner:
    sealed = partner.structures_protegees
    if not isinstance(sealed, str):
        return partner
    try:
        ciphertext = base64.urlsafe_b64decode(sealed.removeprefix(PREFIX))
    except ValueError as exc:
        raise InvalidContract("liste scellée illisible") from exc
    secret = tuple(unseal(cipher, ciphertext, _bound_to(partner.id)).decode().split())
    structures = (*partner.structures, *(s for s in secret if s not in partner.structures))
    return partner.model_copy(update={"structures": structures, "structures_protegees": secret})


def _bound_to(partner_id: str) -> bytes:
    return b"structures_protegees:" + partner_id.encode()
