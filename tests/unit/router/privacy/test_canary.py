"""What a recipient may not read changes nothing of what it gets: not a byte, not a file name, not a header.

A canary is another value in one field that the matrix keeps from a recipient. Every family, stage, contract that it
hears, field and dialect is walked: what is added to the contracts or to the dialects is in it without being named here.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adapters.declaration import Declaration
from adapters.registry import ADAPTERS, TABULAIRES, declaration
from contracts.base import Contrat, Modele, classe_of, sensitive_values
from contracts.envelope import Attributes, Event
from contracts.errors import Unroutable
from contracts.partner import Famille, Partner
from contracts.ports import View
from contracts.privacy import Classe, Protegeable
from contracts.sealed import put_together, take_apart
from router.domain.audience import receivable_by
from router.domain.rights import Droits, Stade, rights
from tests.rows import each_row
from tests.unit.contracts.contrats_fictifs import contrats
from tests.unit.router.privacy.champs import Path, fields, may_read

EVENT = UUID("0192f0c1-0000-7000-8000-000000000001")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
walked = settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],  # the message says which field it is: a smaller household would say no more
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
HEARD = [(famille, contrat) for famille in Famille for contrat in receivable_by(famille)]


@each_row(("famille", "contrat"), HEARD, ids=lambda value: getattr(value, "NOM", value))
@walked
@given(data=st.data())
def test_what_a_family_may_not_read_leaves_no_trace_in_what_it_is_sent(
    famille: Famille, contrat: type[Contrat], data: st.DataObject
) -> None:
    told, other = data.draw(spoken(contrat)), data.draw(spoken(contrat))
    for stade in Stade:
        droits = rights(famille, stade)
        canaries = list(changed(told, other, droits)) if droits.may_receive(contrat) else []
        for partner in readers(famille, contrat) if canaries else ():
            sent = delivered(told, droits, partner)
            for path, canary in canaries:
                assert delivered(canary, droits, partner) == sent, (stade, partner.dialectes, path)


@walked
@given(data=st.data())
def test_what_a_family_may_read_does_reach_it(data: st.DataObject) -> None:
    """Else the walk would show nothing: the name of a household changes what its shelter is sent."""
    (referral,) = [one for one in receivable_by(Famille.HEBERGEMENT) if one.NOM == "orientation.proposee"]
    told = data.draw(spoken(referral).filter(lambda one: one.menage.personnes))
    droits = rights(Famille.HEBERGEMENT, Stade.ADMIS)
    canary = replaced(told, ("menage", "personnes", 0, "nom"), "CANARI")
    for partner in readers(Famille.HEBERGEMENT, referral):
        if partner.dialectes == ("hebergement_json",):
            assert b"CANARI" in delivered(canary, droits, partner)[0][0]
            assert delivered(canary, droits, partner) != delivered(told, droits, partner)


def spoken(contrat: type[Contrat]) -> st.SearchStrategy[Any]:
    """Contracts as dialects read them: no control character gets past `adapters.encodage.clean`."""
    return contrats(contrat).map(_printable)


def _printable(contrat: Contrat) -> Contrat:
    for path, holder, name in list(fields(contrat)):
        value = getattr(holder, name)
        if type(value) is str and not value.isprintable():
            contrat = replaced(contrat, path, "".join(filter(str.isprintable, value)) or "X")
    return contrat


def changed(told: Contrat, other: Contrat, droits: Droits) -> Iterator[tuple[Path, Contrat]]:
    """The contract with one forbidden value of the other, one field after the other. The sender's version tells
    nothing; and a value that makes an address secret, or no more, changes the class of others."""
    for path, holder, name in fields(told):
        value, instead = getattr(holder, name), at(other, path)
        if (
            name in Contrat.model_fields
            or value == instead
            or not is_kept_from(droits, holder, path, value, instead)
        ):
            continue
        canary = replaced(told, path, instead)
        if canary.proteges() == told.proteges():
            yield path, canary


def at(modele: Any, path: Path) -> Any:
    """The value at the same place of another contract; None where it has none."""
    for step in path:
        if modele is None or (isinstance(step, int) and step >= len(modele)):
            return None
        modele = modele[step] if isinstance(step, int) else getattr(modele, step)
    return modele


def replaced(modele: Any, path: Path, value: Any) -> Any:
    """A copy with another value at this place."""
    step, *rest = path
    inner = value if not rest else replaced(at(modele, (step,)), tuple(rest), value)
    if isinstance(step, int):
        return (*modele[:step], inner, *modele[step + 1 :])
    return modele.model_copy(update={step: inner})


def is_kept_from(droits: Droits, holder: Modele, path: Path, *values: Any) -> bool:
    """Whether the matrix keeps all of these values from a reader, by the class of the field and of each value."""
    name = str(path[-1])
    said = classe_of(type(holder), name)
    assert said is not None
    if holder.proteges() and any(
        isinstance(m, Protegeable) for m in type(holder).model_fields[name].metadata
    ):
        said = Classe.C4
    more = sensitive_values(type(holder), name)
    classes = {
        max(said, more.classes.get(value, said)) if more and isinstance(value, str) else said
        for value in values
    }
    return not any(may_read(droits, classe, path) for classe in classes)


def readers(famille: Famille, contrat: type[Contrat]) -> Iterator[Partner]:
    """A partner of the family for each dialect and profile that carries the contract."""
    for nom in ADAPTERS:
        for profil in TABULAIRES[nom].profils if nom in TABULAIRES else (None,):
            if carries(declaration(nom, profil), famille, contrat):
                yield Partner(
                    id="canari",
                    nom="canari",
                    famille=famille,
                    territoire="01",
                    dialectes=(nom,),
                    dialecte_sortant=nom,
                    profil=profil,
                )


def carries(said: Declaration, famille: Famille, contrat: type[Contrat]) -> bool:
    return famille in said.familles and contrat in said.ecrit


def delivered(contrat: Contrat, droits: Droits, partner: Partner) -> list[tuple[bytes, str | None, Any]]:
    """What leaves for the partner, on the way of every delivery: taken apart, reduced, put together, written. Each file
    of a set counts. Nothing leaves if the dialect cannot name the household."""
    clair, secrets = take_apart(contrat)
    readable = [classe for classe in sorted(secrets) if droits.may_open(classe)]
    trees = [droits.reduce(classe, secrets[classe]) for classe in readable]
    seen = put_together(type(contrat), clair, trees)
    attributes = Attributes(
        id=EVENT,
        type=contrat.TYPE,
        source="emetteur",
        subject=contrat.sujet,
        time=NOON,
        territoire="01",
        correlationid=EVENT,
    )
    try:
        native = ADAPTERS[partner.dialectes[0]].encode([Event(attributes, seen)], View(partner))
    except Unroutable:
        return []
    return [(file.body, file.filename, dict(file.headers)) for file in (*native.avant, native)]
