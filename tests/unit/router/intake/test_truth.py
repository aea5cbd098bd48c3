"""What the truth at the door asks of the database: nothing for places, one statement for a group with answers."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.base import Contrat
from contracts.partner import Famille
from contracts.ports import Ligne, Native, Rejet
from contracts.reference.codes import Dispositif
from router.domain.rulebooks.orientation import Etat
from router.domain.subjects import Orientation
from router.intake.bulk import _without
from router.intake.draft import Draft
from router.intake.rows import Origin
from router.intake.truth import Truth
from router.privacy.seen import Seen
from router.store import origin, standing
from router.store.idempotency import Claim
from router.store.standing import Asked, Snapshot
from tests.unit.router.domain.monde import AUTRE, CENTRE, REGISTRE, SIAO, ident, partner, vacance
from tests.unit.router.domain.reponses import acceptee, entree, sortie

NOBODY: Any = None
ENVOI, OTHER = ident("envoi"), ident("autre envoi")


def draft(*contrats: Contrat, of: str = CENTRE) -> Draft:
    origin = Origin(uuid4(), partner(of, Famille.HEBERGEMENT), datetime.now(UTC))
    native = Native(b"{}", "application/json")
    rows = list(enumerate(contrats, 1))
    claim = Claim((of, b"k"), b"b", origin.message, timedelta(days=30), body_hmac=b"b")
    return Draft(
        origin,
        native,
        "hebergement_json",
        NOBODY,
        claim,
        False,
        "accepte",
        len(rows),
        rows,
        [],
        Seen.of(native.body),
    )


def stands(etat: Etat) -> Orientation:
    return Orientation(
        id=ENVOI,
        etat=etat,
        emetteur=SIAO,
        destinataire=CENTRE,
        menage=ident("ménage"),
        dispositif=Dispositif.INSERTION,
    )


@pytest.fixture
def truth() -> Truth:
    return Truth(NOBODY, NOBODY, lambda: REGISTRE)


async def test_messages_about_places_ask_nothing_and_stay_as_they_are(truth: Truth) -> None:
    drafts = [draft(vacance(ident("place")))]
    assert await truth.judged(NOBODY, drafts) is drafts


async def test_a_group_with_answers_asks_once_and_judges_each_on_what_was_accepted_before_it(
    truth: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[Asked]] = []

    async def read(_: Any, pairs: Iterable[Asked], within: UUID | None) -> Snapshot:
        asked.append(set(pairs))
        return Snapshot({ENVOI: stands(Etat.PROPOSEE)}, waits={(OTHER, AUTRE)})

    monkeypatch.setattr(standing, "read", read)
    taken = [
        draft(vacance(ident("place")), entree(ENVOI)),
        draft(sortie(ENVOI)),  # the arrival of the same group waits: this is no departure before any arrival
        draft(acceptee(OTHER), of=AUTRE),  # something waits about it, perhaps its referral
    ]
    assert list(await truth.judged(NOBODY, taken)) == taken
    assert asked == [{(ENVOI, CENTRE), (OTHER, AUTRE)}]


async def test_what_is_said_at_the_end_of_a_large_table_stays_when_its_last_row_is_refused(
    truth: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(*_: Any) -> Snapshot:
        return Snapshot({ENVOI: stands(Etat.PROPOSEE)}, waits=())

    async def went_back(_: Any) -> bool:
        return False

    monkeypatch.setattr(standing, "read", read)
    monkeypatch.setattr(origin, "went_back", went_back)
    end = Ligne(2, avertissements=(Rejet("sans_reponse", "1 ligne sans réponse"),))
    lignes = [Ligne(1, vacance(ident("place"))), Ligne(2, sortie(ENVOI)), end]
    _, refused, last = await truth.of_rows(NOBODY, draft().origin, lignes)
    assert (len(refused.rejets), last) == (1, end)
    _, refused, last = _without(lignes, [2], Rejet("identifiant_pris", "déjà pris"))
    assert (len(refused.rejets), last) == (1, end)
