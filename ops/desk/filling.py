"""Make messages from the forms that people fill in under the buttons of the desk."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from contracts.base import Contrat
from contracts.errors import InvalidContract
from contracts.partner import Partner
from contracts.v1.orientation import OrientationAcceptee
from contracts.v1.place import PlaceIndisponible, PlaceOccupee, PlaceVacancePrevisible, RaisonOccupation
from contracts.v1.suite import EntreeConstatee, PresentationAbsence
from ops.desk.acts import ASKED, AUTRE, RAISON, Bouton
from ops.desk.forms import Lecture

SEEN: Mapping[type[Contrat], str] = {EntreeConstatee: "entree_le", PresentationAbsence: "constatee_le"}
"""Date field of each message type that reports an observation. The date must not lie in the future."""
NOT_SEEN_YET = "ce jour n'est pas encore venu : donnez aujourd'hui, ou un jour passé"
TO_COME: Mapping[type[Contrat], str] = {
    OrientationAcceptee: "accueil_le",
    PlaceVacancePrevisible: "libre_le",
    PlaceIndisponible: "jusqu_au",
}
"""Date field of each message type that announces something. The date must not lie in the past."""
OF_ONE_MESSAGE = frozenset({"version", "signee_le", "sur_papier"})
"""Fields that a form does not copy from the earlier message that it repeats."""
NOTHING_TO_REPEAT = "ce que vous en aviez dit n'est plus là : redites-le par fichier"


def filled(
    bouton: Bouton,
    subject: UUID,
    written: Mapping[str, str],
    partner: Partner,
    today: tuple[date, date],
    before: Contrat | None = None,
) -> Contrat:
    """Return the message about `subject` that a person sends with the form of a button. `written` has the
    posted texts; fields for which the form does not ask are copied from the partner's earlier message `before`.
    `today` has the earliest and the latest of today's dates in the partner's territories. Raises Fautes for
    faulty fields; InvalidContract if the form leaves fields to be copied and `before` is None."""
    if bouton.contrat in ASKED and before is None:
        raise InvalidContract(NOTHING_TO_REPEAT)
    repeated = {
        name: getattr(before, name)
        for name in bouton.contrat.model_fields
        if hasattr(before, name) and name not in OF_ONE_MESSAGE
    }
    earliest, latest = today
    lecture = Lecture(written, partner)
    given = {**bouton.constantes, **lecture.read(bouton.saisies)}
    if (seen := SEEN.get(bouton.contrat)) and str(given.get(seen, "")) > latest.isoformat():
        lecture.fautes[seen] = NOT_SEEN_YET
    if announced := TO_COME.get(bouton.contrat):
        lecture.must_not_be_past(announced, given, earliest)
    if bouton.contrat is PlaceOccupee and given.get(RAISON) not in [*RaisonOccupation]:
        who = given.pop(RAISON, AUTRE)
        given |= {} if who == AUTRE else {"orientation": who}
    return lecture.made(bouton.contrat, {bouton.contrat.SUJET: subject, **repeated, **given})
