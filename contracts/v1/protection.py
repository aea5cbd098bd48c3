"""Base of messages about a structure whose address is secret, because it receives victims of violence."""

from typing import Annotated

from contracts.base import Contrat
from contracts.privacy import Classe, DuHub


class Protegeable(Contrat):
    """Base of messages that may be about a protected place. If `protegee` is true, this flag and the fields
    marked `PROTEGEABLE` get privacy class C4."""

    protegee: Annotated[bool, Classe.C4, DuHub.NOTE] = False

    def proteges(self) -> bool:
        return self.protegee
