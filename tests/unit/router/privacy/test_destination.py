"""A referral to a structure that nobody can judge: nothing of it shows, and whoever has the key finds where it goes."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic_core import to_json

from contracts.envelope import Attributes
from contracts.sealed import clear_half, put_together, take_apart, to_bytes
from contracts.v1.orientation import OrientationProposee
from router.domain.location import addressed, is_unaddressed
from router.domain.partners import Registry
from router.privacy.destination import addressed_since
from router.privacy.sealing import Damaged, seal_parts
from tests.unit.router.domain.monde import CENTRE, FINESS, REGISTRE, SIAO, TERRITOIRE, ident, proposition

SECRET = "010000016"
REFUGE = REGISTRE.partners[CENTRE].model_copy(
    update={"structures": (FINESS, SECRET), "structures_protegees": (SECRET,)}
)
MENDED = Registry.of([*(p for p in REGISTRE.partners.values() if p.id != CENTRE), REFUGE])
ORIENTATION = ident("orientation")
TAKEN_IN = addressed(proposition(ORIENTATION, structure=SECRET), REGISTRE)
CIPHER = AESGCM(os.urandom(32))


def later(ciphers: Mapping[UUID, Any], registry: Registry) -> OrientationProposee | None:
    """What the worker reads of it later."""
    kind, (clair, secrets) = OrientationProposee.TYPE, take_apart(TAKEN_IN)
    attributes = Attributes(
        uuid4(), kind, SIAO, ORIENTATION, datetime.now(UTC), TERRITOIRE, correlationid=uuid4()
    )
    parts = seal_parts(CIPHER, attributes.id, TAKEN_IN.titulaire, secrets)
    found = addressed_since(attributes, to_bytes(clair, parts), ciphers, registry)
    assert found is None or isinstance(found, OrientationProposee)
    return found


def test_where_nobody_speaks_for_a_structure_its_number_is_sealed_as_that_of_a_protected_one_is() -> None:
    clair = clear_half(TAKEN_IN)
    assert SECRET.encode() not in to_json(clair)
    assert not {"structure", "gestionnaire", "protegee"} & clair.keys()
    assert is_unaddressed(put_together(OrientationProposee, clair))


def test_a_referral_to_a_structure_that_somebody_speaks_for_is_as_open_as_the_registry_says() -> None:
    known = clear_half(addressed(proposition(ORIENTATION), REGISTRE))
    assert (known["structure"], known["gestionnaire"]) == (FINESS, CENTRE)
    secret = clear_half(addressed(proposition(ORIENTATION, structure=SECRET), MENDED))
    assert (secret.get("structure"), secret["gestionnaire"]) == (None, CENTRE)


def test_once_the_registry_knows_its_structure_a_referral_is_addressed_and_a_secret_one_stays_secret() -> (
    None
):
    ciphers = {TAKEN_IN.titulaire: CIPHER}
    mended = later(ciphers, MENDED)
    assert mended is not None
    assert (mended.gestionnaire, mended.structure) == (CENTRE, None)
    opened = later(ciphers, Registry.of([REFUGE.model_copy(update={"structures_protegees": ()})]))
    assert opened is not None
    assert (opened.gestionnaire, opened.structure) == (CENTRE, SECRET)
    still = later(ciphers, REGISTRE)
    assert still is not None
    assert is_unaddressed(still)


@pytest.mark.parametrize("ciphers", [{}, {TAKEN_IN.titulaire: Damaged()}], ids=["forgotten", "damaged"])
def test_a_referral_whose_key_is_gone_or_damaged_stops_nobody(ciphers: Mapping[UUID, Any]) -> None:
    found = later(ciphers, MENDED)
    assert found is None or is_unaddressed(found)
