"""What cannot be kept costs its own rows, however often something else of the same message stands in the way."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.partner import Famille
from contracts.ports import IntakeReport, Native
from router.domain.partners import Registry
from router.intake.draft import NOT_SEALED, Draft
from router.intake.keeping import CannotBeKept
from router.intake.receive import Intake
from router.privacy.hmac_keys import HmacKeys
from router.process.group_commit import GroupCommit
from router.settings import IntakeSettings
from tests.unit.router.domain.monde import CENTRE, FINESS, partner

SHELTER = partner(CENTRE, Famille.HEBERGEMENT, structures=(FINESS,), dialectes=("hebergement_json",))


async def kept_without(blamed: list[int], monkeypatch: pytest.MonkeyPatch) -> IntakeReport:
    """What becomes of a message of three places where a commit finds these rows one by one."""

    async def submit(_: object, draft: Draft) -> IntakeReport:
        if left := [number for number, _ in draft.contrats if number in blamed]:
            raise CannotBeKept(left[:1])
        return IntakeReport(draft.message, draft.etat, draft.acceptes, tuple(draft.rejets))

    monkeypatch.setattr(GroupCommit, "submit", submit)
    keyring = SimpleNamespace(hmacs=HmacKeys.of([b"h" * 32]))
    parts: dict[str, Any] = {
        "database": None,
        "keyring": keyring,
        "crosswalk": None,
        "settings": IntakeSettings(),
        "registry": lambda: Registry.of([SHELTER]),
        "decoders": None,
        "backlog": SimpleNamespace(check=lambda _: None, wake=SimpleNamespace(set=lambda: None)),
    }
    places = [
        {
            "type": "place.vacante",
            "place": f"A-{n}",
            "structure": FINESS,
            "commune": "01053",
            "dispositif": "INSERTION",
        }
        for n in range(3)
    ]
    body = json.dumps(places).encode()
    return await Intake(**parts).receive(Native(body, "application/json"), SHELTER, "hebergement_json")


async def test_rows_that_cannot_be_sealed_are_told_and_the_others_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = await kept_without([1, 3], monkeypatch)
    assert (report.etat, report.acceptes) == ("partiel", 1)
    assert [(rejet.ligne, rejet.code) for rejet in report.rejets] == [
        (1, NOT_SEALED.code),
        (3, NOT_SEALED.code),
    ]
