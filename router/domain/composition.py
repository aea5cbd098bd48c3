"""Find out why the description of a household should be checked: it has minors and no adult, or its composition
contradicts the ages or sexes of its members.

Which sexes and ages a composition implies is our own choice ([choix]). We took it from the words of the code
list of SI-SIAO, the State's software for the SIAO.
"""

from collections.abc import Callable, Iterator
from datetime import date

from contracts.base import Contrat
from contracts.reference.codes import TRANCHES_MINEURES, TrancheAge
from contracts.reference.tranches import tranche_age
from contracts.v1.menage import MINEURS_SANS_ADULTE, SEXES, AVerifier, Menage, Personne

MAY_BE_A_CHILD = (*TRANCHES_MINEURES, TrancheAge.DE_18_A_24)
"""Age bands of members that may count as children. Children of 18 to 24 may still live with their parents."""


def checked(contrat: Contrat, today: Callable[[], date]) -> Contrat:
    """Fill in the field `a_verifier` of the household that a message describes, and return the completed
    message. The field has the reasons to check this description, or None if there are none. If the message
    describes no household, return the message unchanged. `today` returns the day of receipt."""
    menage = vars(contrat).get("menage")
    if not isinstance(menage, Menage):
        return contrat
    found = tuple(doubts(menage, today())) or None
    if found == menage.a_verifier:
        return contrat
    return contrat.model_copy(update={"menage": menage.model_copy(update={"a_verifier": found})})


def doubts(menage: Menage, today: date) -> Iterator[AVerifier]:
    """Yield each reason to check the description of a household: minors without an adult, or a contradiction
    between its composition and the ages or sexes of its members. A member whose age and sex are unknown
    contradicts nothing."""
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
    """Return a member's age band on the day `today`, computed from the date of birth. If this date is missing
    or after `today`, return the age band that the message declares, or None."""
    born = person.date_naissance
    if born is None or born > today:
        return person.tranche_age
    return tranche_age(born, today)
