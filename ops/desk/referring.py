"""Make the messages by which a SIAO refers a household to places, or presents it to a landlord, at its
desk."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid4

from contracts.base import Contrat, Nature
from contracts.errors import InvalidContract
from contracts.partner import Partner
from contracts.ports import View
from contracts.sealed import missing
from contracts.v1.attribution import CandidaturePresentee
from contracts.v1.daho import DahoOriente
from contracts.v1.menage import Menage
from contracts.v1.orientation import MAX_AUTRES_PLACES, OrientationProposee
from ops.desk.forms import Fautes, Lecture, Saisie, fields
from ops.desk.households import SOUHAITEE, Connu
from ops.desk.numbers import given
from router.domain.audience import ADDRESSEES
from router.domain.partners import Registry
from router.domain.sandbox import territories_of
from router.domain.subjects import Place

NOBODY = (
    "cette demande ne nomme pas les personnes du ménage : complétez-la avec le partenaire qui l'a apportée, puis "
    "orientez-le"
)
TOO_SOON = "une place cochée n'est libre que le {:%d/%m/%Y} : donnez ce jour, un jour d'après, ou aucun"
BAILLEUR = Saisie("bailleur", "à qui", "choix", {}, True)
"""Field for the landlord. Its choices come from the registry."""
PRESENTATION = (
    *fields(CandidaturePresentee, "canal"),
    SOUHAITEE,
    *fields(Menage, "numero_unique"),
    *fields(CandidaturePresentee, "hors_commission"),
)
SIRET_DIGITS = 14


class Said(NamedTuple):
    """Message that a partner sends from the desk, and the numbers by which this partner calls the subjects in
    the message."""

    contrat: Contrat
    view: View


def refer(
    siao: Partner,
    connu: Connu,
    places: Sequence[Place],
    names: View,
    key: UUID,
    presentation_le: date | None,
) -> Said:
    """Return the message that refers the household in `connu` to places of one manager. A form sent twice (same
    `key`) makes one referral. `names`: the ids by which the SIAO knows the household. Raises InvalidContract,
    in French:

    * if `connu` names no member of the household;
    * for no place, or more than 20;
    * for a place that becomes free only after `presentation_le`, the day on which the household is to come.
    """
    if not connu.menage.personnes:
        raise InvalidContract(NOBODY)
    if not 0 < len(places) <= 1 + MAX_AUTRES_PLACES:
        raise InvalidContract(f"choisissez de 1 à {1 + MAX_AUTRES_PLACES} places")
    free = max((place.libre_le for place in places if place.libre_le), default=None)
    if presentation_le and free and presentation_le < free:
        raise InvalidContract(TOO_SOON.format(free))
    ours = uuid4()
    said = OrientationProposee(
        orientation=ours,
        menage=connu.menage,
        demande=connu.demande,
        place=places[0].id,
        autres_places=tuple(place.id for place in places[1:]),
        dispositif=places[0].dispositif or connu.dispositif,
        presentation_le=presentation_le,
    )
    return Said(said, _view(siao, connu, names, ours, key))


def told_the_state(siao: Partner, daho: UUID, names: Mapping[UUID, str], referral: Said, day: date) -> Said:
    """Return the message with which a SIAO tells the State that it has referred a household designated by the
    State (DAHO). `daho`: the hub's id of the designation; `names`: the SIAO's own id of the designation, by the
    hub's id. `referral`: the message that refers the household; `day`: the date of the referral."""
    assert isinstance(referral.contrat, OrientationProposee)
    said = DahoOriente(daho=daho, orientation=referral.contrat.orientation, oriente_le=day)
    return Said(said, View(siao, {**names, **referral.view.ids}))


def present(siao: Partner, connu: Connu, names: View, key: UUID, lecture: Lecture) -> Said:
    """Return the message that presents the household in `connu` to the landlord chosen in a form. `lecture`
    reads the form's fields. `names` has the SIAO's own ids and pseudonyms. A form sent twice (same `key`) makes
    one candidacy. Raises InvalidContract, in French, if `connu` names no member of the household, or if the
    form has faults."""
    if not connu.menage.personnes:
        raise InvalidContract(NOBODY)
    ours, said = uuid4(), lecture.read((BAILLEUR, *PRESENTATION))
    menage = lecture.judged(Menage, dict(connu.menage) | {"numero_unique": said.pop("numero_unique", None)})
    candidacy = lecture.made(CandidaturePresentee, {"candidature": ours, "menage": menage, **said})
    if absent := {path.rpartition(".")[2]: candidacy.SI_ABSENT[path] for path in missing(candidacy)}:
        raise Fautes(absent)
    return Said(candidacy, _view(siao, connu, names, ours, key))


def _view(siao: Partner, connu: Connu, names: View, ours: UUID, key: UUID) -> View:
    menage, number = connu.menage.id, {ours: given(siao, key)}
    known = names.ids.get(menage, "")
    if connu.dossier is not None and not known.isdigit():
        return View(siao, number, names.menages)
    return View(siao, number | {menage: known if known.isdigit() else given(siao, menage)})


def landlords(siao: Partner, registry: Registry) -> dict[str, str]:
    """Return the names of the landlords that work in the SIAO's territories, by the SIRET of each of their
    structures. Structures with a secret address are left out."""
    there = set(territories_of(siao))
    near = (
        p
        for p in registry.everybody.values()
        if p.famille in ADDRESSEES[Nature.CANDIDATURE] and there & set(territories_of(p))
    )
    return {
        structure: partner.nom
        for partner in sorted(near, key=lambda each: each.nom)
        for structure in partner.structures
        if len(structure) == SIRET_DIGITS and not partner.protects(structure)
    }
