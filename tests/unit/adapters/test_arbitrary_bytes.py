"""Whatever a partner sends, a dialect answers with rows, rejections or InvalidNative: never with a crash."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.objets import Objet
from adapters.registry import ADAPTERS, TABULAIRES
from contracts.errors import InvalidNative
from contracts.ports import Native
from tests.golden import cas
from tests.golden.documentation import DIALECTES
from tests.rows import each_row

GOLDENS = {
    dialecte: [case.entree.read_bytes() for case in cas.a_decoder() if case.dialecte == dialecte]
    for dialecte in ADAPTERS
}
SETTINGS = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def settle(dialecte: str, body: bytes, profil: str | None = None) -> None:
    """Read everything, and check what every row promises."""
    partner = cas.partenaire(dialecte, {"profil": profil})
    try:
        lignes = list(ADAPTERS[dialecte].decode(Native(body, "application/octet-stream"), partner).lignes)
    except InvalidNative:
        return
    for ligne in lignes:
        if ligne.contrat is None:
            assert ligne.rejets or ligne.avertissements, (
                "a row is kept, refused, or says something of the others"
            )
        else:
            assert not ligne.rejets
        assert all(rejet.ligne in (ligne.numero, None) for rejet in ligne.rejets)
    numeros = [ligne.numero for ligne in lignes]
    assert numeros == sorted(set(numeros)), "row numbers make ids: each of them once"


@each_row("dialecte", ADAPTERS)
@SETTINGS
@given(body=st.binary(max_size=300))
@example(body=b"\xff")
@example(body=b"\xef\xbb\xbf")
@example(body=b"{" * 3000)
@example(body=b'{"a":' * 3000)
def test_any_bytes_are_settled(dialecte, body):
    settle(dialecte, body)


@each_row("dialecte", [nom for nom, messages in GOLDENS.items() if messages])
@SETTINGS
@given(data=st.data())
def test_a_golden_message_damaged_anywhere_is_settled(dialecte, data):
    body = bytearray(data.draw(st.sampled_from(GOLDENS[dialecte]))[:4000])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        noise = data.draw(
            st.sampled_from([b"", b"\0", b'"', b";", b"\n", b"\xe9", b"<", b"9" * 30, b"]", b"null"])
        )
        body[at : at + data.draw(st.integers(0, 3))] = noise
    for profil in (None, "hebergement_gestion") if dialecte in TABULAIRES else (None,):
        settle(dialecte, bytes(body), profil)


JSON_TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def objects(table: Objet) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with all the fields of a table: nested ones in their place, any JSON value elsewhere."""
    fields = {
        name: st.one_of(objects(champ), JSON_TREES) if isinstance(champ, Objet) else JSON_TREES
        for name, champ in table.champs.items()
    }
    return st.fixed_dictionaries({}, optional=fields)


@pytest.mark.parametrize("dialecte", DIALECTES)
@SETTINGS
@given(data=st.data())
def test_any_json_value_in_any_field_is_settled(dialecte, data):
    known = DIALECTES[dialecte]
    name = data.draw(st.sampled_from(sorted(known.entrants)))
    message = {**data.draw(objects(known.tables[name])), "type": name}
    settle(dialecte, json.dumps(message).encode())
