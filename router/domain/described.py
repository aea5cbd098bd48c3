"""Fields that a description of a household ready for housing fills in. Pure."""

from operator import attrgetter

from contracts.base import Contrat
from contracts.v1.pret_logement import ChampDecrit, PretLogementDecrit


def described(contrat: Contrat) -> Contrat:
    """Return the message with the names of its optional fields that its sender has filled in, never their values.

    By these names a later declaration that leaves one out is recognised, although the values are sealed.
    """
    if not isinstance(contrat, PretLogementDecrit):
        return contrat
    said = tuple(champ for champ in ChampDecrit if attrgetter(champ)(contrat) not in (None, ()))
    return contrat.model_copy(update={"renseigne": said})
