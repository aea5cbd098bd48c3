"""Base of messages about a structure whose address may be secret, because the structure receives victims of
violence."""

from typing import Annotated

from contracts.base import Contrat
from contracts.privacy import Classe, DuHub


class Protegeable(Contrat):
    """Base of messages that may be about a protected place. If `protegee` is True, this flag and the fields
    with the annotation `PROTEGEABLE` have class C4."""

    protegee: Annotated[bool, Classe.C4, DuHub.NOTE] = False

    def proteges(self) -> bool:
        return self.protegee
