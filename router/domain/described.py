"""Determine which fields of a household's description its sender filled in."""

from collections.abc import Mapping
from operator import attrgetter

from contracts.base import Contrat, classe_of
from contracts.partner import Famille, Partner
from contracts.privacy import Classe
from contracts.v1.menage import Menage
from contracts.v1.pret_logement import (
    ChampDecrit,
    PretLogementDeclare,
    PretLogementDecrit,
    PretLogementRetire,
)

CLASSES: Mapping[str, Classe | None] = {
    **{name: classe_of(PretLogementDecrit, name) for name in PretLogementDecrit.model_fields},
    **{f"menage.{name}": classe_of(Menage, name) for name in Menage.model_fields},
}
"""Privacy class of each field of a household's description, by the field's path. None for a field that
contains other fields."""
NAMED: Mapping[ChampDecrit, tuple[str, ...]] = {
    **{champ: (champ,) for champ in ChampDecrit if (CLASSES.get(champ) or Classe.C0) <= Classe.C2},
    ChampDecrit.SITUATION_SOCIALE: tuple(path for path, classe in CLASSES.items() if classe is Classe.C3),
}
"""Names that may stand in `renseigne`, each with the paths of the fields for which it stands. All fields of
class C3 share one name; fields of class C4 have none."""


def described(contrat: Contrat) -> Contrat:
    """Return a household's description with `renseigne` filled in: the names of the optional fields that the
    sender filled in. Fields of class C3 share one name, and fields of class C4 have none (`NAMED`). The rules
    need these names, because they cannot read the values, most of which are encrypted. Return any other message
    unchanged."""
    if not isinstance(contrat, PretLogementDecrit):
        return contrat
    said = tuple(champ for champ, paths in NAMED.items() if any(_filled(contrat, path) for path in paths))
    return contrat.model_copy(update={"renseigne": said})


def declared_by(contrat: Contrat, sender: Partner) -> Contrat:
    """Fill in `declarant` in a message that declares a household ready for housing, or withdraws the household
    from the list, and return the completed message. `declarant` is the sender's id, or None if the sender is a
    SIAO. Return any other message unchanged."""
    if not isinstance(contrat, PretLogementDeclare | PretLogementRetire):
        return contrat
    return contrat.model_copy(update={"declarant": None if sender.famille is Famille.SIAO else sender.id})


def _filled(contrat: PretLogementDecrit, path: str) -> bool:
    return attrgetter(path)(contrat) not in (None, ())
