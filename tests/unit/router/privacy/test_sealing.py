"""What is sealed opens under its own key, event and class, and under nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Attributes
from contracts.errors import InvalidContract, Misconfigured
from contracts.privacy import Classe
from contracts.sealed import Part, from_bytes, to_bytes
from router.domain.proof import Prover
from router.privacy.hmac_keys import HmacKeys
from router.privacy.key_files import KEY_BYTES
from router.privacy.sealing import (
    HmacKey,
    MasterKey,
    new_data_key,
    seal,
    seal_part,
    seal_parts,
    unseal,
    unseal_part,
)
from tests.rows import each_row

CIPHER = AESGCM(b"k" * KEY_BYTES)
EVENT, HOLDER = UUID(int=1), UUID(int=2)
TREE = {"menage": {"telephone": "06 11 22 33 44"}}
MASTER = MasterKey(b"m" * 32)
HMACS = HmacKey(b"h" * 32)


def part(classe: Classe = Classe.C2) -> Part:
    return seal_part(CIPHER, EVENT, HOLDER, classe, TREE)


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def test_a_part_opens_under_its_key_event_and_class() -> None:
    assert unseal_part(CIPHER, EVENT, part()) == TREE


def test_a_part_opens_after_its_way_over_the_bus() -> None:
    _, (received,) = from_bytes(to_bytes({}, [part()]))
    assert unseal_part(CIPHER, EVENT, received) == TREE


def test_a_part_shows_none_of_its_words() -> None:
    assert b"06 11" not in part().texte
    assert b"telephone" not in part().texte


@pytest.mark.parametrize(
    "alter",
    [
        lambda sealed: replace(sealed, texte=flipped(sealed.texte, 0)),
        lambda sealed: replace(sealed, texte=flipped(sealed.texte, -1 % len(sealed.texte))),
        lambda sealed: replace(sealed, texte=sealed.texte[:-1]),
        lambda sealed: replace(sealed, texte=sealed.texte + b"\0"),
        lambda sealed: replace(sealed, nonce=flipped(sealed.nonce, 3)),
        lambda sealed: replace(sealed, classe=Classe.C3),
    ],
    ids=["first byte", "last byte", "shorter", "longer", "nonce", "another class"],
)
def test_an_altered_part_is_an_invalid_contract(alter: Callable[[Part], Part]) -> None:
    with pytest.raises(InvalidContract, match="données scellées altérées ou d'une autre clé"):
        unseal_part(CIPHER, EVENT, alter(part()))


def test_a_part_of_another_event_is_an_invalid_contract() -> None:
    with pytest.raises(InvalidContract):
        unseal_part(CIPHER, UUID(int=9), part())


def test_a_part_under_another_households_key_is_an_invalid_contract() -> None:
    with pytest.raises(InvalidContract):
        unseal_part(AESGCM(new_data_key()), EVENT, part())


def test_no_nonce_comes_twice_even_for_the_same_words() -> None:
    sealed = [part() for _ in range(2000)]
    assert len({one.nonce for one in sealed}) == len(sealed)
    assert len({one.texte for one in sealed}) == len(sealed)


def test_two_new_data_keys_are_never_the_same() -> None:
    keys = {new_data_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert {len(key) for key in keys} == {KEY_BYTES}


def test_an_event_is_sealed_class_by_class_lowest_first() -> None:
    parts = seal_parts(CIPHER, EVENT, HOLDER, {Classe.C4: {"c": 4}, Classe.C2: {"c": 2}})
    assert [(one.classe, one.titulaire) for one in parts] == [(Classe.C2, HOLDER), (Classe.C4, HOLDER)]
    assert [unseal_part(CIPHER, EVENT, one) for one in parts] == [{"c": 2}, {"c": 4}]


def test_an_event_without_secrets_needs_no_key() -> None:
    assert seal_parts(None, EVENT, HOLDER, {}) == []


@given(clear=st.binary(max_size=100), associated=st.binary(max_size=30))
def test_bytes_come_back_as_they_were(clear: bytes, associated: bytes) -> None:
    assert unseal(CIPHER, seal(CIPHER, clear, associated), associated) == clear


@given(clear=st.binary(max_size=40), position=st.integers(0, 10**6))
def test_one_flipped_bit_anywhere_is_found(clear: bytes, position: int) -> None:
    sealed = seal(CIPHER, clear, b"a")
    with pytest.raises(InvalidContract):
        unseal(CIPHER, flipped(sealed, position % len(sealed)), b"a")


def test_a_holders_key_is_wrapped_for_that_holder_alone() -> None:
    key = new_data_key()
    wrapped = MASTER.wrap(HOLDER, key)
    assert MASTER.unwrap(HOLDER, wrapped) == key
    assert key not in wrapped
    with pytest.raises(InvalidContract):
        MASTER.unwrap(uuid4(), wrapped)


def test_a_key_wrapped_under_another_master_key_is_an_invalid_contract() -> None:
    with pytest.raises(InvalidContract):
        MasterKey(b"x" * 32).unwrap(HOLDER, MASTER.wrap(HOLDER, new_data_key()))


@each_row("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="la clé maîtresse a 32 octets"):
        MasterKey(b"m" * length)


def test_a_fingerprint_counts_where_one_part_ends() -> None:
    prints = [
        HMACS.fingerprint("ab", "c"),
        HMACS.fingerprint("a", "bc"),
        HMACS.fingerprint("abc"),
        HMACS.fingerprint("abc", ""),
        HMACS.fingerprint("", "abc"),
    ]
    assert len(set(prints)) == len(prints)


def test_the_same_parts_have_the_same_fingerprint_as_text_or_bytes() -> None:
    assert HMACS.fingerprint("é", b"c") == HMACS.fingerprint("é".encode(), "c")


def test_a_fingerprint_says_nothing_without_its_key() -> None:
    assert HMACS.fingerprint("a") != HmacKey(b"x" * 32).fingerprint("a")
    assert len(HMACS.fingerprint("a")) == 32


def test_who_has_proofs_made_learns_no_fingerprint() -> None:
    event = Attributes(HOLDER, "t", "s", HOLDER, datetime(2026, 1, 1, tzinfo=UTC), "01", HOLDER)
    parts = (HOLDER.bytes, "t", "s", HOLDER.bytes, event.time.isoformat(), "01", HOLDER.bytes, b"", b"", b"x")
    assert Prover(HMACS.proving()).mac(event, b"x") != HMACS.fingerprint(*parts)


NEW = b"n" * KEY_BYTES + b"mark"
BOTH = HmacKeys.of([b"h" * KEY_BYTES, NEW], [b"", b"mark"])


def test_a_fingerprint_tells_the_key_that_made_it_and_what_an_older_key_proved_stays_proved() -> None:
    new, old = BOTH.fingerprints("a")
    assert (new, old) == (BOTH.fingerprint("a"), HMACS.fingerprint("a"))
    assert [BOTH.maker_of(each) for each in (new, old)] == [BOTH.writer, *BOTH.older]
    event = Attributes(HOLDER, "t", "s", HOLDER, datetime(2026, 1, 1, tzinfo=UTC), "01", HOLDER)
    both, alone = (Prover(*(key.proving() for key in keys)) for keys in (BOTH.all, BOTH.older))
    assert both.proves(alone.mac(event, b"x"), event, b"x")
    assert not alone.proves(both.mac(event, b"x"), event, b"x")


def test_a_key_that_is_prepared_is_not_used_and_one_in_use_that_is_missing_is_told() -> None:
    assert HmacKeys.of([b"h" * KEY_BYTES, NEW], []).all[0].mark == b""
    assert HmacKeys.of([b"h" * KEY_BYTES, NEW], []).older == ()
    with pytest.raises(Misconfigured, match=f"clé des empreintes {b'mark'.hex()} inconnue"):
        HmacKeys.of([b"h" * KEY_BYTES], [b"", b"mark"])
    with pytest.raises(Misconfigured, match="clé des empreintes d'origine inconnue"):
        HmacKeys.of([NEW], [b"", b"mark"])


@given(
    one=st.lists(st.text(max_size=4), max_size=3),
    other=st.lists(st.text(max_size=4), max_size=3),
)
def test_fingerprints_are_equal_exactly_when_the_parts_are(one: list[str], other: list[str]) -> None:
    assert (HMACS.fingerprint(*one) == HMACS.fingerprint(*other)) is (one == other)
