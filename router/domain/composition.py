"""Find contradictions between a household's composition and the ages or sexes of its members. Pure.

[choix] We decided which sexes and ages a composition implies, from the words of SI-SIAO's code list.
"""

from collections.abc import Callable, Iterator
from datetime import date

from contracts.base import Contrat
from contracts.reference.codes import TRANCHES_MINEURES, TrancheAge
from contracts.reference.tranches import tranche_age
from contracts.v1.menage import MINEURS_SANS_ADULTE, SEXES, AVerifier, Menage, Personne

MAY_BE_A_CHILD = (*TRANCHES_MINEURES, TrancheAge.DE_18_A_24)
"""Age bands of members that may count as children. Grown children of 18 to 24 may live with their parents."""


def checked(contrat: Contrat, today: Callable[[], date]) -> Contrat:
    """Return a message about a household with `a_verifier` filled in: contradictions between the household's
    composition and its members. Other messages are unchanged. `today` returns the day of receipt."""
    menage = vars(contrat).get("menage")
    if not isinstance(menage, Menage):
        return contrat
    found = tuple(doubts(menage, today())) or None
    if found == menage.a_verifier:
        return contrat
    return contrat.model_copy(update={"menage": menage.model_copy(update={"a_verifier": found})})


def doubts(menage: Menage, today: date) -> Iterator[AVerifier]:
    """Yield each kind of contradiction between a household's composition and the ages or sexes of its members.
    A member without age and sex contradicts nothing."""
    bands = [band_of(person, today) for person in menage.personnes]
    minors = sum(band in TRANCHES_MINEURES for band in bands)
    grown = sum(band is not None and band not in MAY_BE_A_CHILD for band in bands)
    if menage.composition in MINEURS_SANS_ADULTE or (bands and minors == len(bands)):
        yield AVerifier.MINEUR_SEUL
    elif minors > menage.enfants or grown > menage.adultes:
        yield AVerifier.AGES_ET_COMPOSITION
    sexe = SEXES.get(menage.composition)
    adults = (p for p, band in zip(menage.personnes, bands, strict=True) if _is_an_adult(band, menage))
    if sexe is not None and any(person.sexe not in (None, sexe) for person in adults):
        yield AVerifier.SEXES_ET_COMPOSITION


def _is_an_adult(band: TrancheAge | None, menage: Menage) -> bool:
    return menage.enfants == 0 or (band is not None and band not in MAY_BE_A_CHILD)


def band_of(person: Personne, today: date) -> TrancheAge | None:
    """Return a member's age band on the day `today`: from the date of birth, else as declared, else None."""
    born = person.date_naissance
    if born is None or born > today:
        return person.tranche_age
    return tranche_age(born, today)
