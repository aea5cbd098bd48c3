"""An alert does not tell a sender whether the subject of another partner exists."""

from adapters.registry import ADAPTERS, TABULAIRES
from contracts.explications import NOT_YOURS
from contracts.ports import View
from contracts.v1.alerte import AlerteAnomalie
from contracts.v1.orientation import OrientationAcceptee
from tests.golden.cas import partenaire
from tests.rows import each_row
from tests.unit.adapters.partenaires import ORIENTATION, event


def written(dialecte: str, profil: str | None, motif: str) -> bytes:
    about = {"objet": ORIENTATION, "nature": "orientation", "evenement": ORIENTATION, "motif": motif}
    alert = event(AlerteAnomalie.TYPE, {**about, "type_evenement": OrientationAcceptee.TYPE})
    return ADAPTERS[dialecte].encode([alert], View(partenaire(dialecte, {"profil": profil}), {})).body


@each_row("dialecte", [nom for nom in ADAPTERS if AlerteAnomalie in ADAPTERS[nom].DECLARATION.ecrit])
def test_an_alert_about_anothers_subject_is_written_like_one_about_none(dialecte: str) -> None:
    for profil in TABULAIRES[dialecte].profils if dialecte in TABULAIRES else (None,):
        unknown, anothers = (written(dialecte, profil, motif) for motif in NOT_YOURS)
        assert anothers == unknown
