"""Fields that a description of a household ready for housing fills in. Pure."""

from collections.abc import Mapping
from operator import attrgetter

from contracts.base import Contrat, classe_of
from contracts.privacy import Classe
from contracts.v1.menage import Menage
from contracts.v1.pret_logement import ChampDecrit, PretLogementDecrit

CLASSES: Mapping[str, Classe | None] = {
    **{name: classe_of(PretLogementDecrit, name) for name in PretLogementDecrit.model_fields},
    **{f"menage.{name}": classe_of(Menage, name) for name in Menage.model_fields},
}
"""Class of each field of a description, by its path; None for a nested model."""
NAMED: Mapping[ChampDecrit, tuple[str, ...]] = {
    **{champ: (champ,) for champ in ChampDecrit if (CLASSES.get(champ) or Classe.C0) <= Classe.C2},
    ChampDecrit.SITUATION_SOCIALE: tuple(path for path, classe in CLASSES.items() if classe is Classe.C3),
}
"""Fields that a name stands for: one up to class C2, all those of class C3 together, none of class C4."""


def described(contrat: Contrat) -> Contrat:
    """Return the message with the names of its optional fields that its sender has filled in, never their values.

    By these names a later declaration that leaves one out is recognised, although the values are sealed.
    """
    if not isinstance(contrat, PretLogementDecrit):
        return contrat
    said = tuple(champ for champ, paths in NAMED.items() if any(_filled(contrat, path) for path in paths))
    return contrat.model_copy(update={"renseigne": said})


def _filled(contrat: PretLogementDecrit, path: str) -> bool:
    return attrgetter(path)(contrat) not in (None, ())
