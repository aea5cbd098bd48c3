"""What is about to be stored holds no partner's own id, wherever our code may have left one."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar
from uuid import UUID, uuid4

import pytest

from contracts.base import Contrat, Modele, Nature, Reference
from contracts.partner import Famille
from contracts.privacy import Classe
from router.domain.proof import Prover
from router.intake.keeping import CannotBeKept, check_ids
from router.intake.rows import DraftRow, Origin
from router.privacy.crosswalk import own_ids, references
from tests.unit.router.domain.monde import CENTRE, partner

THEIRS = Reference(Nature.PLACE, "A-101")
OURS = uuid4()


class Etape(Modele):
    """A made-up part of a message."""

    place: Annotated[UUID, Classe.C0]


class Trajet(Contrat):
    """A made-up message that names a place in a list of models."""

    DOMAINE = "orientation"
    NOM = "trajet.prevu"
    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    SUJET: ClassVar[str] = "orientation"

    orientation: Annotated[UUID, Classe.C0]
    etapes: tuple[Etape, ...]


def ready(contrat: Contrat) -> DraftRow:
    origin = Origin(uuid4(), partner(CENTRE, Famille.HEBERGEMENT), datetime.now(UTC))
    return DraftRow(origin, 1, contrat).ready(contrat)


def trajet() -> Trajet:
    return Trajet(orientation=uuid4(), etapes=(Etape(place=uuid4()), Etape(place=THEIRS)))


def test_a_partners_id_in_a_list_of_models_becomes_ours_before_it_is_stored() -> None:
    assert references(trajet()) == [THEIRS]
    kept = own_ids(trajet(), CENTRE, {(CENTRE, THEIRS): OURS})
    assert str(OURS).encode() in ready(kept).entry({}, Prover(b"clef")).payload


def test_an_event_in_which_a_partners_id_is_left_is_not_stored() -> None:
    with pytest.raises(CannotBeKept) as refused:
        check_ids([ready(trajet())])
    assert refused.value.rows == [1]
