"""Write the messages of the simulated partners, in their dialects. The households in these messages are made
up."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.base import Contrat
from contracts.reference.codes import AuteurRefus, Dispositif, MotifRefus
from contracts.v1.orientation import OrientationRefusee
from contracts.v1.place import PlaceVacante
from contracts.v1.pret_logement import MotifRetrait
from contracts.v1.suite import EntreeConstatee
from contracts.v1.transfert import MotifRefusTransfert
from ops.sandbox.steps import Pas, PasListe, PasTransfert
from router.domain.sandbox import SHELTER_COMMUNE, SHELTER_FINESS

Message = Mapping[str, Any]

DAYS_AHEAD = timedelta(days=2)
"""How long after a referral the household is expected, unless the place becomes free later."""
DAYS_TO_EVALUATE = timedelta(days=7)
AGE = timedelta(days=35 * 365)
TELEPHONE = "01 99 00 12 34"
"""A telephone number that nobody has: numbers that begin with 01 99 00 are not assigned."""


def referral(reference: int, where: Message, dispositif: Dispositif, day: date, today: date) -> Message:
    """Return the message that refers a made-up household, expected on `day`. The fields `where` name the
    place or structure. All ids in the message derive from `reference`, the birth date derives from
    `today`."""
    orientation = {"id": reference, "datePresentation": f"{day:%d/%m/%Y}", "dispositif": dispositif}
    return {
        **_of_the_siao(reference, "orientation.proposee"),
        "ficheGroupe": _household(reference, today),
        **where,
        "orientation": {**orientation, **where.get("orientation", {})},
    }


def to_place(place: UUID, demande: UUID | None = None) -> Message:
    """Return the fields by which a referral names its place. With `demande`, they also say which demand the
    referral answers."""
    cited = {"orientation": {"demande": str(demande)}} if demande else {}
    return {"place": {"identifiantExterne": str(place)}, **cited}


def to_structure(structure: str) -> Message:
    """Return the fields by which a referral names a structure, which then chooses the place."""
    return {"orientation": {"structure": structure}}


def candidacy(reference: int, siret: str, today: date) -> Message:
    """Return the message that presents a made-up household to the landlord with this SIRET. The ids of the
    message, the candidacy and the household derive from the number `reference`."""
    household = {
        **_household(reference, today),
        "numeroUnique": f"001{today:%m%y}{reference % 10**6:06d}G0001",
        "ressourcesMensuelles": "1042,50",
    }
    return {
        **_of_the_siao(reference, "candidature.presentee"),
        "candidature": {"id": reference, "bailleur": siret, "canal": "DIRECT"},
        "ficheGroupe": household,
    }


def ready(pas: PasListe, reference: int, household: int, departement: str, today: date) -> Message:
    """Return the message by which the simulated SIAO takes the step `pas` with a household on a list: declare
    it ready for housing, change its data or withdraw it. `household` is the simulated SIAO's own id of the
    household. `reference` makes the message's id unique."""
    event = f"menage.pret-logement.{pas.lower()}"
    if pas is PasListe.RETIRE:
        why = {"suite": {"motif": MotifRetrait.RENONCIATION}}
        return {**_of_the_siao(reference, event), "ficheGroupe": {"id": household}, **why}
    changed = {"mesureAccompagnement": [{"id": 1}]} if pas is PasListe.ACTUALISE else {}
    logement = {"departement": departement, "dateEvaluation": f"{today:%d/%m/%Y}", **changed}
    return {
        **_of_the_siao(reference, event),
        "ficheGroupe": _household(household, today),
        "logement": logement,
    }


def accompaniment(reference: int, operator: str, today: date) -> Message:
    """Return the message that asks the operator whose structure is `operator` to accompany the household of
    the referral with the number `reference`."""
    return {
        **_of_the_siao(reference, "accompagnement.demande"),
        "orientation": {"id": reference},
        "ficheGroupe": _household(reference, today),
        "suite": {"operateur": operator, "mesureAccompagnement": {"id": 1}},
    }


def of_demand(pas: Pas, reference: int, demande: UUID, today: date) -> Message | None:
    """Return the message about a demand by which the simulated SIAO takes the step `pas`. Return None if
    this step is taken by a referral, or by the shelter's answer to a referral. `reference` makes the
    message's id unique."""
    steps: Mapping[Pas, tuple[str, Message]] = {
        Pas.EVALUATION_DEMANDEE: ("evaluation.demandee", {"evaluation": _asked(today + DAYS_TO_EVALUATE)}),
        Pas.EVALUEE: ("demande.evaluee", {"evaluation": _evaluated(today)}),
        Pas.NON_POURVUE: ("demande.non-pourvue", {"suite": _no_place(today)}),
        Pas.ANNULEE: ("demande.annulee", {"suite": {"motif": "AUTRE_SOLUTION"}}),
    }
    if pas not in steps:
        return None
    name, fields = steps[pas]
    return {**_of_the_siao(reference, name), "demande": {"identifiantExterne": str(demande)}, **fields}


def of_transfer(pas: PasTransfert, reference: int, demande: UUID, territoire: str) -> Message:
    """Return the message by which the simulated SIAO takes the step `pas` in the transfer of a demand.
    `territoire` is that of the SIAO to which the demand is proposed; only the step that proposes the transfer
    uses it. `reference` makes the message's id unique."""
    steps: Mapping[PasTransfert, tuple[str, Message]] = {
        PasTransfert.TRANSFEREE: ("demande.transferee", {"suite": {"territoire": territoire}}),
        PasTransfert.ACCEPTE: ("demande.transfert-accepte", {}),
        PasTransfert.REFUSE: (
            "demande.transfert-refuse",
            {"suite": {"motif": MotifRefusTransfert.HORS_PERIMETRE}},
        ),
        PasTransfert.RETIRE: ("demande.transfert-retire", {}),
    }
    name, fields = steps[pas]
    return {**_of_the_siao(reference, name), "demande": {"identifiantExterne": str(demande)}, **fields}


def brought(reference: int, dispositif: Dispositif, today: date) -> Message:
    """Return the message with which the simulated 115 brings a made-up household. All ids in it derive from
    `reference`."""
    household = {"id": str(reference), "composition": "20", "adultes": 1, "telephone": TELEPHONE}
    return {
        "idEvenement": f"{reference}-demande.recue",
        "type": "demande.recue",
        "demande": str(reference),
        "dispositif": dispositif,
        "menage": {**household, "personnes": [_woman(today)]},
    }


def _asked(until: date) -> Message:
    return {"methode": "ENTRETIEN", "dateLimite": f"{until:%d/%m/%Y}"}


def _evaluated(today: date) -> Message:
    return {"dateEvaluation": f"{today:%d/%m/%Y}", "preconisation": "URGENCE"}


def _no_place(tonight: date) -> Message:
    return {"dateNuit": f"{tonight:%d/%m/%Y}", "motif": "AUCUNE_PLACE"}


def vacancy(reference: int) -> Message:
    """Return the message in which the simulated shelter says that its emergency place with the number
    `reference` is free tonight."""
    fields = {"structure": SHELTER_FINESS, "commune": SHELTER_COMMUNE, "dispositif": Dispositif.URGENCE}
    return _of_the_shelter(reference, PlaceVacante, {"place": str(reference), **fields})


def arrival(reference: int, orientation: UUID, today: date) -> Message:
    """Return the message in which the simulated shelter says that the household of the referral `orientation`
    has arrived. `reference` makes the message's id unique."""
    fields = {"orientation": str(orientation), "entree_le": today.isoformat()}
    return _of_the_shelter(reference, EntreeConstatee, fields)


def refusal(reference: int, orientation: UUID) -> Message:
    """Return the message in which the simulated shelter refuses the referral `orientation`, because it has no
    room. `reference` makes the message's id unique."""
    why = {"auteur": AuteurRefus.STRUCTURE, "motif": MotifRefus.PLACE_NON_DISPONIBLE}
    return _of_the_shelter(reference, OrientationRefusee, {"orientation": str(orientation), **why})


def _of_the_siao(reference: int, event: str) -> Message:
    return {"idMessage": f"{reference}-{event}", "type": event, "emetteur": "SIAO simulé (bac à sable)"}


def _of_the_shelter(reference: int, contrat: type[Contrat], data: Message) -> Message:
    event = {"specversion": "1.0", "id": f"{reference}-{contrat.NOM}", "source": "centre-simule"}
    return {**event, "type": contrat.TYPE, "data": data}


def _household(reference: int, today: date) -> Message:
    return {
        "id": reference,
        "composition": {"id": 20},
        "nbAdultes": 1,
        "nbEnfants": 0,
        "telephone": TELEPHONE,
        "personnes": [_woman(today)],
    }


def _woman(today: date) -> Message:
    return {"nom": "Fictif", "prenom": "Églantine", "sexe": "F", "dateNaissance": f"{today - AGE:%d/%m/%Y}"}
