"""Who looks for referrals sees referrals; the demands of the waiting list are a filter away."""

from console.pages.referrals import CHOICES, DEMANDS, MOTS, SENT, open_of, wanted
from contracts.base import Nature
from contracts.mots import ETATS
from router.domain.books import AWAITED_OF
from router.domain.rulebooks.demande import OUVERTES
from tests.rows import each_row


@each_row(
    ("nature", "etat", "shown"),
    [
        ("", "", SENT),
        ("", "EN_ATTENTE", SENT),  # of a referral that a centre keeps waiting, and of a demand on the list
        ("", "RECUE", DEMANDS),
        ("demande", "", DEMANDS),
        ("demande", "EN_ATTENTE", DEMANDS),
        ("orientation", "", (Nature.ORIENTATION,)),
        ("inconnue", "inconnu", SENT),
    ],
)
def test_demands_are_listed_only_when_they_are_asked_for(
    nature: str, etat: str, shown: tuple[Nature]
) -> None:
    assert wanted(nature, etat) == shown


def test_whatever_waits_for_an_answer_is_listed_or_counted_and_can_be_chosen() -> None:
    awaited = {kind.partition(" ")[0] for kind in AWAITED_OF}
    assert awaited <= {*SENT, *DEMANDS}
    assert CHOICES.keys() == {*SENT, *DEMANDS}, "un pluriel dans CHOICES (console/pages/referrals.py)"
    shown = {f"{nature} {etat}" for nature in SENT for etat in open_of(SENT) if etat in ETATS[nature]}
    counted = {kind for kind in AWAITED_OF if not kind.startswith("demande ")}
    assert shown == counted, "ni plus ni moins que ce que compte Maintenant"
    assert {f"demande {etat}" for etat in open_of(DEMANDS)} == {f"demande {etat}" for etat in OUVERTES}


def test_what_is_open_of_a_kind_is_one_of_its_own_states() -> None:
    assert "RECUE" not in open_of(SENT)
    assert {*open_of(SENT), *open_of(DEMANDS)} <= MOTS.keys()
