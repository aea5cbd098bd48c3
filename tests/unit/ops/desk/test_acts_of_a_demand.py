"""What the buttons at a demand ask before they are sent."""

from contracts.partner import Famille
from ops.desk.acts import possible
from ops.desk.questions import NAME_GOES
from router.domain.partners import Registry
from router.domain.rulebooks.demande import Etat
from router.domain.subjects import Demande
from tests.rows import each_row
from tests.unit.router.domain.monde import SIAO, ident, partner

REGISTRY = Registry.of([partner(SIAO, Famille.SIAO), partner("ccas", Famille.PRESCRIPTEUR)])


@each_row(("who", "goes"), [("ccas", True), (SIAO, False)])
def test_the_name_of_a_withdrawn_demand_is_said_to_go_only_where_it_goes(who: str, goes: bool) -> None:
    demand = Demande(id=ident("d"), menage=ident("m"), emetteur="ccas", destinataire=SIAO, etat=Etat.RECUE)
    (button,) = (each for each in possible(demand, who, REGISTRY) if each.nom == "demande.annulee.")
    assert "La demande est close" in button.question
    assert (NAME_GOES in button.question) == goes
