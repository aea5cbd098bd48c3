"""The acts of the story: an agreement with the collector, and derogations, each signed by its parties' own keys. Pure.

A derogation begins with the shelter. Once all three have signed, the shelter admits a household without the SIAO, and
the State is told. A signature carries no name of a person or a partner: its day tells whose it is.
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
"""Numbers of the agreements with the collector: on candidates one by one, and on lists."""
NUMBERED = "DER-59-"
"""Beginning of the numbers of derogations; the number of a place follows."""
FROM, UNTIL = "2024-01-01", "2099-12-31"
SIGNED = MappingProxyType(
    {CENTRE_JSON.id: "2024-02-01", SIAO.id: "2024-02-02", ETAT.id: "2024-02-03", CIL.id: "2024-02-04"}
)
"""Day of each signatory's signatures."""
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
"""Recipients of a signature, by the kind of act and the signer."""
TERMS = (
    *("numero", "structure", "quota", "objet", "partenaire", "signataires", "du", "au"),
    *("attributionsDuCollecteur", "referenceCnil"),
)


def is_derogated(place: int) -> bool:
    """Return whether the vacancy of this place makes its shelter ask for a derogation."""
    return place % 6 == 5


def derogation(place: int, structure: str) -> Record:
    """Return the terms of a derogation of one place at a time."""
    return {
        "numero": f"{NUMBERED}{place}",
        "structure": structure,
        "quota": 1,
        "du": FROM,
        "au": UNTIL,
    }


def agreements(collector: str, prefect: str) -> Iterator[Record]:
    """Yield the terms of each agreement with the collector, by the SIRET of both."""
    parties = {"partenaire": collector, "signataires": [collector, prefect]}
    terms = {**parties, "du": FROM, "au": UNTIL, "attributionsDuCollecteur": 400}
    yield {**terms, "numero": AGREED, "objet": "CIL_CANDIDAT"}
    yield {**terms, "numero": BY_LIST, "objet": "CIL_LISTE", "referenceCnil": "REG-59-1"}


def signature(event: str, terms: Record, signer: Part) -> dict[str, Any]:
    """Return the signature of these terms as a flat event."""
    ident = {"idEvenement": f"{terms['numero']}-{signer.id}", "type": event}
    return {**ident, **terms, "signeeLe": SIGNED[signer.id]}


def rows(event: str, terms: Record, signer: Part) -> list[Row]:
    """Return the rows of a signature: one for each of its recipients."""
    numero = terms["numero"]
    return [
        Row(_ref(event, numero, signer.id, to.id), flow(signer, to, ACTES), numero, 1)
        for to in TOLD[event, signer.id]
    ]


def heard(event: str, said: Mapping[str, Any], to: Part) -> Record:
    """Return the journal record of a signature that arrives. Raises LookupError if nobody in the story signs
    on its day."""
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
    """Return the admission of a household under a derogation, into a place that the shelter keeps for it."""
    return {
        "idEvenement": f"ESC-D{place}-1",
        "type": ADMITTED,
        "place": f"ESC-D{place}",
        "derogation": f"{NUMBERED}{place}",
        "admissionLe": today.isoformat(),
        "menage": {"id": f"M-D{place}", "composition": "10", "adultes": 1},
    }


def admitted(place: int) -> Row:
    """Return the row by which the shelter tells the SIAO of the admission under a derogation into this place."""
    numero = f"{NUMBERED}{place}"
    return Row(f"{numero}:{ADMITTED}", flow(CENTRE_JSON, SIAO, ACTES), f"ESC-D{place}", 1)


def seen(said: Mapping[str, Any]) -> Record:
    """Return the journal record of an admission of which the State is told."""
    return {"ref": f"{DERIVED}{SEEN}:{said['numero']}:{said['titre'].lower()}", "event": SEEN}


def unseen(observed: Observed) -> Iterator[str]:
    """Yield each admission that the SIAO has heard and of which the State was not told under its derogation."""
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
