"""The topics of a partner, described for machines: valid, whole, and each example is read as it is.

`asyncapi-3.0.0.json` is the official schema, of npm's `@asyncapi/specs` 6.11.1 (Apache-2.0), without its descriptions
and examples.
"""

import json
from pathlib import Path

from jsonschema.validators import validator_for
from pydantic_core import to_json

from adapters.cloudevents import json as cloudevents
from contracts.ports import Native
from router.intake.asyncapi import DELIVERED, SENT, asyncapi
from tests.golden.cas import partenaire

OFFICIAL = json.loads(Path(__file__).with_name("asyncapi-3.0.0.json").read_text("utf-8"))


def test_the_official_schema_finds_nothing_wrong_in_it() -> None:
    assert list(validator_for(OFFICIAL)(OFFICIAL).iter_errors(json.loads(to_json(asyncapi())))) == []


def test_a_topic_names_every_event_that_may_stand_in_it() -> None:
    channels = asyncapi()["channels"]
    assert set(channels[SENT]["messages"]) == {f"lu.{each.NOM}" for each in cloudevents.ENTRANTS}
    assert set(channels[DELIVERED]["messages"]) == {f"ecrit.{name}" for name in cloudevents.SORTANTS}


def test_every_example_fits_its_schema_and_those_that_are_sent_are_accepted() -> None:
    for name, message in asyncapi()["components"]["messages"].items():
        (example,) = [each["payload"] for each in message["examples"]]
        payload = message["payload"]
        assert list(validator_for(payload)(payload).iter_errors(example)) == [], name
        if name.startswith("lu."):
            native = Native(to_json(example), "application/cloudevents+json")
            (ligne,) = cloudevents.decode(native, partenaire("cloudevents_json", {})).lignes
            assert ligne.contrat is not None, (name, ligne.rejets)
