"""A made-up message type: one contract, one row of facts and one move. The hub's own code does not know it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated
from uuid import UUID

import pytest

from contracts.base import Contrat, Modele, Nature
from contracts.privacy import Classe
from contracts.v1 import CONTRATS
from contracts.v1.orientation import EvenementOrientation
from router.domain.books import BOOK_OF, BOOKS
from router.domain.messages import BOOK, FACTS, NONE, Facts
from router.domain.parts import Party
from router.domain.rulebooks.orientation import Evenement


class Etape(Modele):
    """A place that is shown during the visit."""

    place: Annotated[UUID, Classe.C0]


class VisiteConvenue(EvenementOrientation):
    """Message that the household will visit the structure before it decides."""

    NOM = "visite.convenue"

    visite_le: Annotated[date, Classe.C1]
    etapes: tuple[Etape, ...] = ()
    contact: Annotated[str | None, Classe.C2] = None


FAITS = Facts(
    VisiteConvenue,
    said_by=(Party.DESTINATAIRE,),
    addressee=Party.EMETTEUR,
    beside=NONE,
    needs_key=True,
    owed_an_answer=False,
    also=("etapes",),
    effect=BOOK,
)

LIVRE = BOOKS[Nature.ORIENTATION]


@contextmanager
def registered() -> Iterator[None]:
    """Make the message type known to the hub until the block ends."""
    contrat: type[Contrat] = VisiteConvenue
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CONTRATS, contrat.TYPE, contrat)
        patch.setitem(FACTS, contrat, FAITS)
        patch.setitem(BOOK_OF, contrat, LIVRE)
        patch.setitem(LIVRE.moves, contrat, Evenement.PREADMISSION)
        yield
