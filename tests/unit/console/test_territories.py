"""One tile a territory: what it counts, and whom it names."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.live import COUNTED_ON_A_PAGE, Free
from console.pages.territories import tiles
from contracts.partner import Famille, Partner
from router.domain.correspondents import Contact, Correspondent, Count, SourceState
from router.domain.partners import Registry
from router.domain.vitals import Answer, Asked, Unanswered, Vitals

NOW = datetime(2026, 1, 14, 3, 0, tzinfo=UTC)


def entry(ident: str, territoire: str, *others: str) -> Partner:
    return Partner(
        id=ident, nom=ident, famille=Famille.HEBERGEMENT, territoire=territoire, autres_territoires=others
    )


REGISTRY = Registry.of([entry("aa", "01"), entry("bb", "01"), entry("cc", "59"), entry("dd", "antenne")])


def facts(*partners: Correspondent, unanswered: tuple[Unanswered, ...] = ()) -> Vitals:
    return Vitals(Answer.OK, Answer.OK, partners=partners, unanswered=unanswered)


def test_a_tile_adds_up_its_own_territory_and_names_the_departement():
    owed = (
        Unanswered("aa", "PROPOSEE", 2, 0, NOW),
        Unanswered("bb", "PROPOSEE", 5, 1, NOW - timedelta(hours=3)),
        Unanswered("cc", "PROPOSEE", 9, 0, NOW),
    )
    shown = facts(*(Correspondent(each, each) for each in ("aa", "bb", "cc", "dd")), unanswered=owed)
    ain, nord, antenne = tiles(
        REGISTRY, shown, {("aa", None): 3, ("bb", "01053"): 1, ("cc", "59350"): 7}, NOW
    )
    assert (ain.nom, ain.partners, ain.free, ain.unanswered) == ("Ain", 2, 4, 7)
    assert ain.since == NOW - timedelta(hours=3)
    assert (nord.free, nord.unanswered, antenne.nom, antenne.tone) == (7, 9, None, "green")
    assert ain.worst is not None
    assert (ain.worst.id, ain.worst_owes, ain.tone) == ("bb", 5, "yellow")


def test_a_partner_of_several_territories_counts_in_each_and_its_free_places_where_they_are():
    registry = Registry.of([entry("aa", "01", "59"), entry("bb", "01")])
    free: Free = {("aa", "59350"): 40, ("aa", None): 2, ("bb", "01053"): 1}
    ain, nord = tiles(registry, facts(Correspondent("aa", "aa"), Correspondent("bb", "bb")), free, NOW)
    assert (ain.partners, ain.free, nord.code, nord.partners, nord.free) == (2, 3, "59", 1, 40)
    assert (ain.is_free_capped, nord.is_free_capped) == (False, False)
    counted_in_part: Free = {("aa", "59350"): COUNTED_ON_A_PAGE}
    shown = tiles(registry, facts(Correspondent("aa", "aa")), counted_in_part, NOW)
    assert [(tile.free, tile.is_free_capped) for tile in shown] == [(0, True), (COUNTED_ON_A_PAGE, True)]


def test_who_cannot_be_reached_is_worse_than_who_has_to_be_decided_about_and_that_than_who_owes_answers():
    owed = (Unanswered("aa", "PROPOSEE", 50, 0, NOW),)
    dead = Correspondent("bb", "bb", contact=Contact.INJOIGNABLE)
    (tile,) = tiles(REGISTRY, facts(Correspondent("aa", "aa"), dead, unanswered=owed), {}, NOW)
    assert (tile.worst, tile.tone) == (dead, "red")
    refused = Correspondent("bb", "bb", contact=Contact.JOIGNABLE, refused=Count(1, NOW))
    (tile,) = tiles(REGISTRY, facts(Correspondent("aa", "aa"), refused, unanswered=owed), {}, NOW)
    assert (tile.worst, tile.tone) == (refused, "yellow")


def test_no_tile_is_green_whose_partner_cannot_be_read_or_of_which_that_is_not_known():
    read = SourceState(5, NOW, succeeded_at=NOW)
    for reading, tone in (
        (read, "green"),
        (replace(read, failing_since=NOW), "red"),
        (replace(read, seen_at=NOW - timedelta(minutes=1)), "inconnu"),
    ):
        (tile,) = tiles(
            REGISTRY, facts(Correspondent("aa", "aa"), Correspondent("bb", "bb", reading=reading)), {}, NOW
        )
        assert tile.tone == tone
        assert (tile.worst is None) == (tone == "green")
    unasked = replace(facts(Correspondent("aa", "aa")), unknown=(Asked.REPONSES,))
    assert [tile.tone for tile in tiles(REGISTRY, unasked, {}, NOW)] == ["inconnu"]


def test_who_is_in_no_registry_any_more_is_in_no_territory():
    assert tiles(REGISTRY, facts(Correspondent("parti", "parti")), {}, NOW) == []
