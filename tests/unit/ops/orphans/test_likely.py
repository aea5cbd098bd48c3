"""Which referral an orphan answer is about: the reasons, and their order."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from contracts.reference.codes import Dispositif
from ops.orphans.likely import Candidate, Orphan, ranked
from router.domain.rulebooks.orientation import Etat
from router.domain.subjects import Orientation
from tests.rows import each_row
from tests.unit.router.domain.monde import CENTRE, MAINTENANT, SIAO, ident

ENVOI = Orientation(
    id=ident("envoi"),
    etat=Etat.PROPOSEE,
    emetteur=SIAO,
    destinataire=CENTRE,
    menage=ident("ménage"),
    place=ident("place"),
    demande=ident("demande"),
    dispositif=Dispositif.INSERTION,
    remise_le=MAINTENANT - timedelta(days=30),
)
ANOTHER = replace(ENVOI, id=ident("autre"), menage=ident("m2"), place=ident("p2"), demande=None)


def candidate(envoi: Orientation, known_as: str | None = None, *, applies: bool = False) -> Candidate:
    return Candidate(envoi, known_as, {ident(f"événement de {envoi.id}")}, applies)


@each_row(
    ("cited", "what"),
    [
        (ENVOI.menage, "son ménage"),
        (ENVOI.place, "sa place"),
        (ENVOI.demande, "sa demande"),
        (ident(f"événement de {ENVOI.id}"), "un de ses messages"),
    ],
)
def test_who_cites_the_id_of_something_else_about_a_referral_means_that_referral(cited: UUID, what: str):
    first, second = ranked(
        Orphan({cited}, None), [candidate(ANOTHER, applies=True), candidate(ENVOI)], MAINTENANT
    )
    assert first.envoi is ENVOI
    assert first.reasons == (f"l'identifiant cité est celui de {what}",)
    assert second.reasons == ("la réponse s'y appliquerait",)


def test_a_reference_written_another_way_is_the_same_reference():
    first, _ = ranked(
        Orphan({ident("?")}, "or-000 12"),
        [candidate(ANOTHER, "OR-13"), candidate(ENVOI, "OR/00012")],
        MAINTENANT,
    )
    assert (first.envoi, first.reasons) == (ENVOI, ("même référence, écrite autrement",))


def test_the_only_one_that_is_open_and_new_speaks_for_itself_and_no_reference_is_alike_to_none():
    (only,) = ranked(Orphan(set(), None), [candidate(replace(ENVOI, remise_le=MAINTENANT))], MAINTENANT)
    assert only.reasons == ("seul envoi ouvert chez cet expéditeur", "remis depuis moins de sept jours")
