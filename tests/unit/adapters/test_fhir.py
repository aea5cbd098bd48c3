"""What we write and promise to read in the shape of FHIR is FHIR, to a library that is not ours.

It checks shape, types and cardinalities, and leaves codes alone. Its R4B models are those of R4 for these resources:
R4B changed neither ServiceRequest nor Task, Group nor Patient.
"""

import json
from datetime import date

from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given

from adapters.registry import ADAPTERS
from contracts.ports import View
from contracts.v1.orientation import OrientationAcceptee, OrientationProposee
from tests.golden import cas
from tests.rows import each_row
from tests.unit.adapters.partenaires import contract, event, read
from tests.unit.adapters.test_round_trips import plain, quelques, whole
from tests.unit.contracts.contrats_fictifs import contrats

GOLDEN = cas.ICI / "ars_fhir"
RECIPIENT = View(cas.partenaire("ars_fhir", {}))
WRITTEN = [case for case in cas.a_encoder() if case.dialecte == "ars_fhir"]
READ = [GOLDEN / name for name in ("acceptee.json", "reponses.json", "contenu_medical.json")]


def validated(body: bytes) -> None:
    """Raises ValidationError for what is no valid resource."""
    tree = json.loads(body)
    get_fhir_model_class(tree["resourceType"]).model_validate(tree)


@each_row("case", WRITTEN, ids=str)
def test_what_a_structure_receives_is_valid_fhir(case):
    validated(cas.encode(case).body)


@each_row("path", READ, ids=lambda path: path.name)
def test_what_a_structure_may_answer_is_valid_fhir(path):
    validated(path.read_bytes())


@each_row(
    ("written", "territoires"),
    [
        ("2026-03-05", ["69"]),
        ("2026-03-04T23:00:00Z", ["69"]),
        ("2026-03-05T00:30:00+01:00", ["69", "01"]),
        ("2026-03-04T20:30:00Z", ["974"]),
        ("2026-03-05T23:30:00-04:00", ["971"]),
        ("2026-03-05T23:30:00Z", ["69", "974"]),
    ],
)
def test_a_day_is_that_of_the_clocks_where_the_structure_works(written, territoires):
    task = json.loads((GOLDEN / "acceptee.json").read_bytes())
    task["executionPeriod"]["start"] = written
    works = {"territoire": territoires[0], "autres_territoires": territoires[1:]}
    accepted = contract(read("ars_fhir", task, cas.partenaire("ars_fhir", works)))
    assert isinstance(accepted, OrientationAcceptee)
    assert accepted.accueil_le == date(2026, 3, 5)


@quelques
@given(proposed=contrats(OrientationProposee))
def test_any_referral_is_valid_fhir(proposed):
    data = plain(json.loads(whole(proposed).model_dump_json(exclude_none=True)))
    validated(ADAPTERS["ars_fhir"].encode([event(OrientationProposee.TYPE, data)], RECIPIENT).body)
