"""What a partner answered is kept whatever it says: a delivery that arrived is never in doubt for its answer's sake."""

import os
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.errors import InvalidContract
from contracts.ports import Native
from router.delivery.rendering import REPLY_BYTES, seal_reply, unseal_reply
from tests.rows import each_row

CIPHER = AESGCM(os.urandom(32))


@each_row("media_type", ["application/json", "", "texte/\udcff", "x" * 5000])
def test_any_header_can_be_kept(media_type: str) -> None:
    delivery = uuid4()
    kept = unseal_reply(CIPHER, delivery, seal_reply(CIPHER, delivery, Native(b"oui\nnon", media_type)))
    assert kept.body == b"oui\nnon"


def test_a_long_answer_is_cut() -> None:
    delivery = uuid4()
    sealed = seal_reply(CIPHER, delivery, Native(b"x" * 100_000, "text/plain"))
    assert len(unseal_reply(CIPHER, delivery, sealed).body) == REPLY_BYTES


def test_an_answer_opens_for_its_own_delivery_alone() -> None:
    sealed = seal_reply(CIPHER, uuid4(), Native(b"oui", "text/plain"))
    with pytest.raises(InvalidContract):
        unseal_reply(CIPHER, uuid4(), sealed)
