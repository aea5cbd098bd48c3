"""Base of messages about a structure whose address is secret, because it receives victims of violence."""

from typing import Annotated

from contracts.base import Contrat
from contracts.privacy import Classe, DuHub


class Protegeable(Contrat):
    """Base of messages whose `PROTEGEABLE` fields have privacy class C4 if `protegee` is true. The flag has class C4,
    too."""

    protegee: Annotated[bool, Classe.C4, DuHub.NOTE] = False

    def proteges(self) -> bool:
        return self.protegee
