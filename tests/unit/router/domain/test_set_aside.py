"""Every state of a subject says whether its recipient may still read who the household is."""

from itertools import chain

from router.domain.books import SET_ASIDE, TYPES
from router.domain.rulebooks import (
    acte,
    aide_sociale,
    candidature,
    daho,
    demande,
    examen,
    orientation,
    place,
    pret_logement,
    signalement,
    suivi,
)
from router.domain.rulebooks.aide_sociale import AideSociale
from router.domain.rulebooks.daho import Daho
from router.domain.rulebooks.examen import Examen
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rulebooks.signalement import Signalement
from router.domain.rulebooks.suivi import Suivi
from router.domain.subjects import Candidature, Demande, Orientation, Place, Subject
from tests.rows import each_row

STILL_THEIRS: dict[type[Subject], set[str]] = {
    Place: set(place.Etat),
    Demande: {*demande.OUVERTES, demande.Etat.POURVUE},
    Orientation: {*orientation.ATTENDUES, *orientation.ADMISES},
    Candidature: {*candidature.ATTENDUES, candidature.Etat.BAIL_SIGNE},
    MenagePret: set(pret_logement.SUIVIS),
    AideSociale: set(aide_sociale.Etat),
    Signalement: set(signalement.Etat),
    Daho: {*daho.EN_COURS, daho.Etat.ACCUEILLI},
    Suivi: {suivi.Etat.SOLLICITE, suivi.Etat.ORGANISE},
    Examen: set(examen.Etat),
    acte.Convention: set(acte.Etat),
    acte.Derogation: set(acte.Etat),
}
"""States in which the household is still its recipient's: they run, or came to a good end there."""
WITH_A_BOOK = [kind for kind in TYPES if kind.MACHINE]


@each_row("kind", WITH_A_BOOK)
def test_in_every_state_the_household_is_still_its_recipients_or_set_aside(kind: type[Subject]) -> None:
    assert kind.MACHINE is not None
    aside = set(kind.MACHINE.set_aside)
    states = {*kind.MACHINE.table.values(), *aside}
    assert aside <= set(SET_ASIDE)
    theirs = STILL_THEIRS.get(kind, set())
    assert states == aside | theirs, (
        f"{kind.__name__} : dans cet état, le destinataire lit-il encore le ménage ? oui : STILL_THEIRS ; non : "
        "`set_aside` de sa MACHINE"
    )
    assert not aside & theirs


def test_no_state_is_set_aside_by_the_name_that_it_shares_with_anothers() -> None:
    assert set(SET_ASIDE).isdisjoint(chain(*STILL_THEIRS.values()))
