"""Signed acts: an agreement with the collector, and derogations. Pure.

A shelter asks for a derogation. Once the SIAO and the State have signed too, it admits a household without
the SIAO, and the State is notified.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from simulation.cast import ACTES, CENTRE_JSON, CIL, ETAT, SIAO, Part, flow
from simulation.journal import Record, Row
from simulation.observed import DERIVED, Observed

AGREEMENT, DEROGATION = "convention.signee", "derogation.accordee"
ADMITTED, SEEN = "admission.directe", "admission.hors-siao"
AGREED, BY_LIST = "CIL-59-1", "CIL-59-2"
"""Agreements with the collector: for candidates one by one, and for lists."""
NUMBERED = "DER-59-"
"""Prefix of the numbers of derogations; the place's number follows."""
FROM, UNTIL = "2024-01-01", "2099-12-31"
SIGNED = MappingProxyType(
    {CENTRE_JSON.id: "2024-02-01", SIAO.id: "2024-02-02", ETAT.id: "2024-02-03", CIL.id: "2024-02-04"}
)
"""Date on which each partner signs all of its acts. It identifies the signer."""
SIGNERS = MappingProxyType({day: who for who, day in SIGNED.items()})
TOLD: Mapping[tuple[str, str], Sequence[Part]] = MappingProxyType(
    {
        (AGREEMENT, ETAT.id): (CIL, SIAO),
        (AGREEMENT, CIL.id): (ETAT, SIAO),
        (DEROGATION, CENTRE_JSON.id): (SIAO, ETAT),
        (DEROGATION, SIAO.id): (CENTRE_JSON, ETAT),
        (DEROGATION, ETAT.id): (CENTRE_JSON, SIAO),
    }
)
"""Recipients of a signature, by event and signer."""
TERMS = (
    *("numero", "structure", "quota", "objet", "partenaire", "signataires", "du", "au"),
    *("attributionsDuCollecteur", "referenceCnil"),
)


def is_derogated(place: int) -> bool:
    """Return whether this place's shelter asks for a derogation when it becomes vacant."""
    return place % 6 == 5


def derogation(place: int, structure: str) -> Record:
    """Return the terms of a derogation for one place of a structure."""
    return {
        "numero": f"{NUMBERED}{place}",
        "structure": structure,
        "quota": 1,
        "du": FROM,
        "au": UNTIL,
    }


def agreements(collector: str, prefect: str) -> Iterator[Record]:
    """Yield the terms of both agreements. `collector` and `prefect` are SIRET."""
    parties = {"partenaire": collector, "signataires": [collector, prefect]}
    terms = {**parties, "du": FROM, "au": UNTIL, "attributionsDuCollecteur": 400}
    yield {**terms, "numero": AGREED, "objet": "CIL_CANDIDAT"}
    yield {**terms, "numero": BY_LIST, "objet": "CIL_LISTE", "referenceCnil": "REG-59-1"}


def signature(event: str, terms: Record, signer: Part) -> dict[str, Any]:
    """Return the message by which `signer` signs these terms."""
    ident = {"idEvenement": f"{terms['numero']}-{signer.id}", "type": event}
    return {**ident, **terms, "signeeLe": SIGNED[signer.id]}


def rows(event: str, terms: Record, signer: Part) -> list[Row]:
    """Return the journal rows of a signature, one for each recipient."""
    numero = terms["numero"]
    return [
        Row(_ref(event, numero, signer.id, to.id), flow(signer, to, ACTES), numero, 1)
        for to in TOLD[event, signer.id]
    ]


def heard(event: str, said: Mapping[str, Any], to: Part) -> Record:
    """Return the journal line of `to` for a signature. Raises LookupError if no partner signs on its date."""
    signer, numero = SIGNERS[said["signeeLe"]], said["numero"]
    own = "" if signer != to.id else DERIVED
    terms = {name: said[name] for name in TERMS if name in said}
    return {
        "ref": own + _ref(event, numero, signer, to.id),
        "event": event,
        "signer": signer,
        "terms": terms,
    }


def admission(place: int, today: date) -> dict[str, Any]:
    """Return the message that admits a household under a derogation."""
    return {
        "idEvenement": f"ESC-D{place}-1",
        "type": ADMITTED,
        "place": f"ESC-D{place}",
        "derogation": f"{NUMBERED}{place}",
        "admissionLe": today.isoformat(),
        "menage": {"id": f"M-D{place}", "composition": "10", "adultes": 1},
    }


def admitted(place: int) -> Row:
    """Return the shelter's journal row for the admission under this place's derogation."""
    numero = f"{NUMBERED}{place}"
    return Row(f"{numero}:{ADMITTED}", flow(CENTRE_JSON, SIAO, ACTES), f"ESC-D{place}", 1)


def seen(said: Mapping[str, Any]) -> Record:
    """Return the State's journal line for an admission."""
    return {"ref": f"{DERIVED}{SEEN}:{said['numero']}:{said['titre'].lower()}", "event": SEEN}


def unseen(observed: Observed) -> Iterator[str]:
    """Yield, in French, each admission without a notice to the State, and each notice without an
    admission."""
    told = {ref for ref in observed.effects if ref.startswith(f"{DERIVED}{SEEN}:")}
    for ref, sent in observed.sent.items():
        if ref.endswith(f":{ADMITTED}") and observed.accepted(sent) and observed.was_heard(ref):
            numero = ref.partition(":")[0]
            covered = f"{DERIVED}{SEEN}:{numero}:derogation"
            if covered not in told:
                yield f"{numero} : admission sans le SIAO que l'État ignore"
            told.discard(covered)
    yield from (f"{ref} : dite à l'État, et personne ne l'a dite" for ref in sorted(told))


def _ref(event: str, numero: str, signer: str, to: str) -> str:
    return f"{numero}:{signer}:{to}:{event}"
