"""What a shelter says that it occupies, and what the hub knows: a gap is told where nothing else explains it."""

from datetime import date, timedelta

from contracts.reference.codes import Dispositif
from contracts.v1.occupation import OccupationReleve
from ops.occupation.compared import Admissions, Occupation
from router.domain.subjects import GroupePlaces
from tests.rows import each_row
from tests.unit.router.domain.monde import AUTRE, CENTRE, FINESS, JOUR, Monde, ident

GROUPE = ident("groupe")


def occupation(occupees: int, *, places: int = 10, settled: int = 6, moved: int = 0) -> Occupation:
    """Ten places, of which somebody says that so many are lived in."""
    return Occupation(
        CENTRE, Dispositif.INSERTION, JOUR, 10, occupees, places, settled + moved, moved, settled
    )


@each_row(("occupees", "gap"), [(6, 0), (7, 1), (10, 4), (5, -1), (0, -6)])
def test_figures_other_than_what_is_known_of_every_place_are_a_gap(occupees: int, gap: int) -> None:
    assert occupation(occupees).gap == gap


@each_row(("occupees", "gap"), [(6, 0), (8, 0), (9, 1), (5, -1)])
def test_places_that_nobody_ever_told_of_may_be_lived_in_or_not(occupees: int, gap: int) -> None:
    assert occupation(occupees, places=8).gap == gap


@each_row(("occupees", "gap"), [(6, 0), (9, 0), (10, 1), (5, -1)])
def test_places_that_moved_that_day_or_since_may_have_been_lived_in_or_not(occupees: int, gap: int) -> None:
    assert occupation(occupees, moved=3).gap == gap


def test_more_places_known_than_there_are_said_to_be_excuse_nothing() -> None:
    assert occupation(7, places=12).gap == 1


def test_the_share_of_admissions_through_the_siao_is_of_all() -> None:
    assert Admissions(CENTRE, 3, 1, 0).share == 0.75
    assert Admissions(CENTRE, 0, 0, 0).share is None


def releve(occupees: int, day: date) -> OccupationReleve:
    return OccupationReleve(
        groupe=GROUPE,
        structure=FINESS,
        dispositif=Dispositif.INSERTION,
        capacite=10,
        occupees=occupees,
        vacantes=10 - occupees,
        indisponibles=0,
        releve_le=day,
    )


def test_the_figures_of_the_latest_day_are_kept_corrected_and_of_the_group_s_own_manager() -> None:
    monde = Monde()
    monde.dit(CENTRE, releve(7, JOUR))
    monde.dit(CENTRE, releve(8, JOUR - timedelta(days=1)))
    monde.dit(AUTRE, releve(1, JOUR))
    assert figures(monde) == (7, 10, Dispositif.INSERTION, JOUR)
    monde.dit(CENTRE, releve(6, JOUR))
    assert figures(monde) == (6, 10, Dispositif.INSERTION, JOUR)


def figures(monde: Monde) -> tuple[object, ...]:
    group = monde.subjects[GROUPE]
    assert isinstance(group, GroupePlaces)
    return (group.occupees, group.capacite, group.dispositif, group.releve_le)
