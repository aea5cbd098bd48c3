"""Events about a structure whose address is secret, because it receives victims of violence."""

from typing import Annotated

from contracts.base import Contrat
from contracts.privacy import Classe, DuHub


class Protegeable(Contrat):
    """Event whose `PROTEGEABLE` fields are C4 if it is `protegee`; that flag itself is C4 too."""

    protegee: Annotated[bool, Classe.C4, DuHub.NOTE] = False

    def proteges(self) -> bool:
        return self.protegee
