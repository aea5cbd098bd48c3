"""Convert contracts to and from the form that they have on Kafka and in the database: `{clair, scelle}`.

Fields of the classes C0 and C1 (offers, and needs without identity) are in `clair`. Fields of higher classes
are in `scelle`, which has one ciphertext for each privacy class and key holder.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, reduce
from itertools import pairwise
from typing import Any, get_args
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from contracts import uuids
from contracts.base import Contrat, Modele, classe_of, is_sealed, sensitive_values
from contracts.errors import InvalidContract
from contracts.frozen import frozen
from contracts.privacy import Classe, Protegeable, ValeursSensibles
from contracts.reference.regle import RELU

Arbre = dict[str, Any]
"""JSON object that is a part of a contract."""


@frozen()
class Part:
    """Ciphertext of all fields of one privacy class, encrypted under one key."""

    classe: Classe
    titulaire: UUID
    nonce: bytes
    texte: bytes


@frozen()
class _Champ:
    """Field of a contract that is encrypted in every message, or only in messages where its value is
    sensitive. If `model` is given, the field's values are models of this class, and each of their fields is
    encrypted by its own rule."""

    name: str
    classe: Classe
    values: ValeursSensibles | None
    protegeable: bool
    model: type[Modele] | None
    default: Any


def take_apart(contrat: Modele) -> tuple[Arbre, dict[Classe, Arbre]]:
    """Split a contract into two: its unencrypted part, and the part to encrypt, by privacy class."""
    clair: Arbre = contrat.model_dump(mode="json", exclude_none=True)
    secrets: dict[Classe, Arbre] = {}
    _move_secrets(contrat, clair, secrets, ())
    return clair, secrets


def clear_half(contrat: Modele) -> Arbre:
    """Return the part of a contract that needs no encryption."""
    return take_apart(contrat)[0]


def put_together(model: type[Contrat], clair: Arbre, secrets: Iterable[Arbre] = ()) -> Contrat:
    """Return the contract that consists of the unencrypted part `clair` and the decrypted parts `secrets`,
    which come in the order of their privacy classes, lowest first. Raises InvalidContract if the result
    breaks a rule of the contract."""
    whole = reduce(_merged, secrets, clair)
    try:
        return model.model_validate(whole, context=RELU)
    except ValidationError as exc:
        raise InvalidContract(f"contenu non conforme au contrat {model.TYPE}") from exc


def keep_paths(tree: Arbre, paths: frozenset[str], prefix: str = "") -> Arbre:
    """Return a copy of the JSON object `tree` with only the values at the dotted paths `paths`. A path into a
    list keeps its value in every item. `prefix`: path of `tree` itself, ending in a dot."""
    kept: Arbre = {}
    for name, value in tree.items():
        path = f"{prefix}{name}"
        if path in paths:
            kept[name] = value
        elif isinstance(value, dict):
            kept[name] = keep_paths(value, paths, f"{path}.")
        elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
            kept[name] = [keep_paths(item, paths, f"{path}.") for item in value]
    return kept


@cache
def clear_classes(model: type[Modele]) -> frozenset[Classe]:
    """Return the privacy classes of those fields of a contract that are not encrypted. Fields that all
    contracts have are not counted."""
    found: set[Classe] = set()
    for name, info in model.model_fields.items():
        if name in Contrat.model_fields:
            continue
        nested, classe = nested_model(info.annotation), classe_of(model, name)
        if nested is not None:
            found |= clear_classes(nested)
        elif classe is not None:
            found.add(classe)
    return frozenset(classe for classe in found if not is_sealed(classe))


def missing(contrat: Contrat) -> Iterator[str]:
    """Yield the dotted paths of the fields that the contract must give but lacks. Only fields with a default
    are checked (`Contrat.owed`): the model itself checks the others."""
    for path in contrat.owed(vars(contrat)):
        value: object = contrat
        for name in path.split("."):
            value = getattr(value, name, None)
        if value in (None, "", ()):
            yield path


def to_bytes(clair: Mapping[str, Any], parts: Iterable[Part]) -> bytes:
    """Return an event's payload as JSON bytes, from its unencrypted part and its ciphertexts."""
    return to_json({"clair": clair, "scelle": [_part_to_json(part) for part in parts]})


def from_bytes(payload: bytes) -> tuple[Arbre, tuple[Part, ...]]:
    """Parse a payload into its unencrypted part and its ciphertexts. Raises InvalidContract if the bytes have
    another form."""
    try:
        form = from_json(payload)
        return form["clair"], tuple(_part_from_json(part) for part in form["scelle"])
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InvalidContract("forme scellée illisible") from exc


def _part_to_json(part: Part) -> Arbre:
    return {
        "classe": int(part.classe),
        "titulaire": str(part.titulaire),
        "nonce": part.nonce.hex(),
        "texte": part.texte.hex(),
    }


def _part_from_json(part: Arbre) -> Part:
    return Part(
        Classe(part["classe"]),
        uuids.read(part["titulaire"]),
        bytes.fromhex(part["nonce"]),
        bytes.fromhex(part["texte"]),
    )


@cache
def _sealable(model: type[Modele]) -> tuple[_Champ, ...]:
    champs = []
    for name, info in model.model_fields.items():
        nested = nested_model(info.annotation)
        classe = classe_of(model, name) or Classe.C0
        values = sensitive_values(model, name)
        protegeable = any(isinstance(marker, Protegeable) for marker in info.metadata)
        if is_sealed(classe) or values or protegeable or (nested and _sealable(nested)):
            champs.append(_Champ(name, classe, values, protegeable, nested, info.default))
    return tuple(champs)


def nested_model(annotation: Any) -> type[Modele] | None:
    """Return the model of a field's values, or of the values in its list. Return None if they are no models."""
    candidates = (annotation, *get_args(annotation))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)  # type: ignore[return-value]  # every nested model is one of ours


def _move_secrets(
    model: Modele, clair: Arbre, secrets: dict[Classe, Arbre], path: tuple[str | int, ...]
) -> None:
    protege = model.proteges()
    for champ in _sealable(type(model)):
        if champ.name not in clair:
            continue
        if champ.model is not None:
            for key, child in _children(champ.name, getattr(model, champ.name)):
                target = clair[champ.name] if key is None else clair[champ.name][key]
                _move_secrets(child, target, secrets, (*path, champ.name, *(() if key is None else (key,))))
            continue
        _move_value(champ, protege, clair, secrets, path)


def _children(name: str, value: Any) -> Iterator[tuple[int | None, Modele]]:
    if isinstance(value, Modele):
        yield None, value
    else:
        yield from enumerate(value)


def _move_value(
    champ: _Champ, protege: bool, clair: Arbre, secrets: dict[Classe, Arbre], path: tuple[str | int, ...]
) -> None:
    value = clair[champ.name]
    classe = Classe.C4 if protege and champ.protegeable else champ.classe
    hidden = champ.values.classes.get(value) if champ.values and isinstance(value, str) else None
    if hidden is not None and hidden > classe:
        assert champ.values is not None
        _plant(secrets.setdefault(hidden, {}), (*path, champ.name), value)
        value = clair[champ.name] = champ.values.valeur_large
    if is_sealed(classe):
        if value != champ.default:  # a default need not be encrypted: an absent field means the same
            _plant(secrets.setdefault(classe, {}), (*path, champ.name), value)
        del clair[champ.name]


def _plant(tree: Arbre, path: tuple[str | int, ...], value: Any) -> None:
    """Set the value at a path in a JSON object. Create the objects and lists that are missing on the way."""
    node: Any = tree
    for step, following in pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            node.extend({} for _ in range(step + 1 - len(node)))
            node = node[step]
        else:
            node = node.setdefault(step, empty)
    node[path[-1]] = value


def _merged(base: Arbre, extra: Arbre) -> Arbre:
    whole = dict(base)
    for name, value in extra.items():
        known = base.get(name)
        if isinstance(value, dict) and isinstance(known, dict):
            whole[name] = _merged(known, value)
        elif isinstance(value, list) and isinstance(known, list):
            merged = [_merged(left, right) for left, right in zip(known, value, strict=False)]
            whole[name] = [*merged, *known[len(merged) :]]
        else:
            whole[name] = value
    return whole
