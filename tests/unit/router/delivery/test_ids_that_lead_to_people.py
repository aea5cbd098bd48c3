"""No two partners read one id of ours for a household, or for a demand or referral that only one of them knows."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from adapters.alertes import ALERTES
from adapters.registry import ADAPTERS
from contracts.base import Contrat, Nature, links_of
from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.partner import Famille, Partner
from contracts.ports import Native, View
from contracts.sealed import clear_half, to_bytes
from contracts.v1.aide_sociale import AideSocialeDemandee
from contracts.v1.daho import DahoOriente
from contracts.v1.examen import ExamenAvis
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import PlaceOccupee
from contracts.v1.suivi import SuiviDemande
from router.delivery.rendering import Sealed, rendered, view_of
from router.domain.audience import receivable_by
from router.privacy.crosswalk import Names
from tests.rows import each_row
from tests.unit.adapters.partenaires import every_event, minimal

HOUSEHOLD, OTHER, CITED = UUID(int=0xA11CE), UUID(int=0xB0B), UUID(int=0xC17ED)
PSEUDONYMS = {
    HOUSEHOLD: "0f3c4b7a-0000-5000-8000-000000000001",
    OTHER: "0f3c4b7a-0000-5000-8000-000000000002",
}


TOLD_OF_A_HOUSEHOLD = {
    "si_siao_json",
    "contingent_json",
    "contingent_tableau",
    "cloudevents_json",
    "bailleur_xml",
}


class Row(dict[str, Any]):
    """A row of the store: by name and by attribute."""

    __getattr__ = dict.__getitem__


def reader(famille: Famille, dialecte: str) -> Partner:
    return Partner(
        id="lecteur",
        nom="L",
        famille=famille,
        territoire="01",
        dialectes=(dialecte,),
        dialecte_sortant=dialecte,
    )


def opened(contrat: Contrat, partner: Partner, theirs: dict[UUID, str] | None = None) -> tuple[Event, View]:
    """An event on the way of every delivery, and what the crosswalk says of what it cites."""
    clair = clear_half(contrat)
    row = Row(
        payload=to_bytes(clair, ()), type=contrat.TYPE, source="siao-01", subject=contrat.sujet,
        time=datetime(2026, 3, 1, tzinfo=UTC), territoire="01", correlation=UUID(int=1), causation=None, trace=None,
        event_id=UUID(int=2), subject_etat=None, menage=None, numero=None, fiche=None, label=None,
    )  # fmt: skip
    sealed = Sealed.of(row, partner)
    names = Names(
        {(partner.id, ours): name for ours, name in (theirs or {}).items()},
        {pair: PSEUDONYMS.get(pair[1], "un pseudonyme") for pair in sealed.mentions.menages},
    )
    return sealed.opened({}, names), view_of(partner, [sealed], names)


def written(opened: tuple[Event, View]) -> Native:
    event, view = opened
    return rendered([event], view)


def about_households(event: Event) -> Contrat:
    """The same event, of these households."""
    data: Any = event.contrat
    changes: dict[str, Any] = {}
    if isinstance(getattr(data, "menage", None), UUID):
        changes["menage"] = HOUSEHOLD
    elif getattr(data, "menage", None) is not None:
        changes["menage"] = data.menage.model_copy(update={"id": HOUSEHOLD})
    if "autre" in type(data).model_fields:
        changes["autre"] = OTHER
    if data.NATURE is None and "nature" in type(data).model_fields:
        changes |= {"nature": Nature.MENAGE, "objet": HOUSEHOLD}
    contrat: Contrat = data.model_copy(update=changes)
    return contrat


@each_row("dialecte", ADAPTERS)
def test_no_dialect_writes_our_own_id_of_a_household_in_whatever_field_of_whatever_message(
    dialecte: str,
) -> None:
    said = ADAPTERS[dialecte].DECLARATION
    shown = 0
    for event in every_event():
        contrat = about_households(event)
        for famille in said.familles:
            if type(contrat) not in (*receivable_by(famille), *ALERTES.values()):
                continue
            try:
                native = written(opened(contrat, reader(famille, dialecte)))
            except Unroutable:  # the dialect does not carry it, or the matrix does not let the family hear it
                continue
            files = (*native.avant, native)
            bytes_of = b"".join(f"{f.filename}{f.headers}".encode() + f.body for f in files)
            assert str(HOUSEHOLD).encode() not in bytes_of, f"{famille} {contrat.NOM}"
            assert str(OTHER).encode() not in bytes_of, f"{famille} {contrat.NOM}"
            shown += any(name.encode() in bytes_of for name in PSEUDONYMS.values())
    assert shown or dialecte not in TOLD_OF_A_HOUSEHOLD, "le lecteur a pour lui un identifiant à lui seul"


REFERRAL = minimal(OrientationProposee).contrat.model_copy(
    update={"demande": CITED, "candidature": CITED, "structure": "010000024"}
)
OCCUPIED = minimal(PlaceOccupee).contrat.model_copy(update={"orientation": CITED})
LINKED = [(each, f) for each in (REFERRAL, OCCUPIED) for f in Famille if type(each) in receivable_by(f)]


@each_row(("contrat", "famille"), LINKED, ids=lambda each: getattr(each, "NOM", each))
def test_a_demand_or_referral_that_a_message_cites_is_shown_to_the_siao_and_to_who_has_named_it(
    contrat: Contrat, famille: Famille
) -> None:
    dialecte = "si_siao_json" if famille is Famille.SIAO else "cloudevents_json"
    partner = reader(famille, dialecte)
    sees = written(opened(contrat, partner)).body
    assert (str(CITED).encode() in sees) is (famille is Famille.SIAO)
    named = opened(contrat, partner, {CITED: "D-118"})[0].contrat
    assert {getattr(named, link) for link in links_of(type(contrat))} == {CITED}
    if famille is not Famille.SIAO:
        assert b"D-118" in written(opened(contrat, partner, {CITED: "D-118"})).body


def test_what_a_message_cites_can_be_left_out_of_whatever_somebody_other_than_the_siao_may_be_sent() -> None:
    others = set(Famille) - {Famille.SIAO}
    linked = {kind for famille in others for kind in receivable_by(famille) if links_of(kind)}
    assert linked == {
        OrientationProposee,
        PlaceOccupee,
        AideSocialeDemandee,
        DahoOriente,
        SuiviDemande,
        ExamenAvis,
    }
    for kind in linked:
        assert not any(kind.model_fields[name].is_required() for name in links_of(kind))


def test_every_contract_tells_which_households_it_names() -> None:
    for event in every_event():
        contrat = about_households(event)
        named = str(clear_half(contrat))
        shown = opened(contrat, reader(Famille.SIAO, "si_siao_json"))[1].menages
        assert set(shown) == {each for each in PSEUDONYMS if str(each) in named}, contrat.NOM
