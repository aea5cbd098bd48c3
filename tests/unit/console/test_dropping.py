"""Page «Déposer»: of a number that is taken, the household is named only if the row is a new demand."""

from adapters.tabulaire.designees import Designee, Ecrite
from console.bureau.dropping import demands_taken
from contracts.base import Contrat, Nature, Reference
from contracts.frozen import replace
from contracts.v1.demande import DemandeRecue
from contracts.v1.orientation import OrientationProposee
from router.intake.once import ID_TAKEN


def row(ligne: int, contrat: type[Contrat], nature: Nature) -> Ecrite:
    return Ecrite(ligne, ligne, Designee(contrat.TYPE, Reference(nature, "12")), {})


def test_a_taken_number_of_a_referral_is_not_said_to_be_the_demand_of_that_number() -> None:
    written = {2: row(2, OrientationProposee, Nature.ORIENTATION), 3: row(3, DemandeRecue, Nature.DEMANDE)}
    rejets = [replace(ID_TAKEN, ligne=ligne) for ligne in written]
    assert demands_taken(rejets, written) == {3: "12"}
