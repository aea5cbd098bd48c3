"""Format of the simulated SIAO: it reads deliveries, and writes referrals, candidacies and other messages."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contracts.base import Nature
from contracts.v1.echeance import Etape, SuiteEcheance
from simulation import actes, aide, alerts, collecteur, examens, people, story
from simulation.cast import HEBERGES, SIAO, TERRITOIRE, flow, siao_of, state_of
from simulation.journal import Record, Row
from simulation.observed import DERIVED
from simulation.people import Household
from simulation.story import ACCOMPANIED, Gift
from simulation.whereabouts import ACCEPTED, BROUGHT, PROPOSED, REFUSED, WITHDRAWN

CODE = re.compile(r"\b[A-Z]{3}-\d{5}\b")
"""Pattern of a place's code within its address."""

HISTORY = "reprise"
"""Event, in the journal, for a delivery of a merged SIAO's history to its successor."""
REFERRED, PRESENTED = "orientation.proposee", "candidature.presentee"
KEYS = ("orientation", "candidature", "daho", "ficheGroupe", "demande")
"""Fields that may name a message's subject; the first one present counts."""
OWN_WORDS = frozenset(
    {
        *(REFERRED, "orientation.annulee", PRESENTED, collecteur.LISTED, "accompagnement.demande"),
        *("menage.pret-logement.declare", "demande.annulee"),
        *(story.REFERRED, story.SHELTERED),
    }
)
FINAL = {
    ACCOMPANIED: "accompagnement répondu",
    "entree.constatee": "entrée",
    "orientation.refusee": "refus",
    "presentation.absence": "absence",
    "bail.signe": "bail signé",
    "proposition.refusee": "refus du ménage",
}
FINAL_DECISIONS = {"NON_ATTRIBUTION": "non-attribution", "IRRECEVABILITE": "irrecevable"}

OF_THE_COLLECTOR = "CIL"
"""Channel by which a household is presented to a collector. Needs an agreement in force."""
NEEDS = {Gift.ACCEPTED: "INSERTION", Gift.REFUSED: "STABILISATION", Gift.WITHDRAWN: "URGENCE"}
"""Kind of offer in an offered demand, by the fate that it asks for."""

HIDDEN = {"motifDemande": {"id": 201}, "droitSejour": {"id": 110}, "victimeViolences": "OUI"}
"""Fields of a household that the prefect's services may not see."""

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A vacant place, as the SIAO knows it."""

    code: str
    uuid: str
    dispositif: str
    compositions: tuple[str, ...] = ()


def understand(body: bytes, to: str = SIAO.id) -> Record:
    """Return a SIAO's journal line for a delivery. `to`: the SIAO's id. Raises ValueError or LookupError."""
    message = json.loads(body)
    event = message["type"]
    if event.startswith("alerte."):
        return _alert(event, message["alerte"], to)
    if event.startswith("place."):
        return _place(event, message)
    if event in (BROUGHT, story.DESIGNATED):
        return _brought(event, message)
    if event in (actes.AGREEMENT, actes.DEROGATION):
        return actes.heard(event, message["acte"], SIAO)
    if event == actes.ADMITTED:
        return {"ref": f"{message['suite']['derogation']}:{event}", "event": event}
    if event == examens.ENTERED:
        return examens.heard_by_the_siao(_number(message), message["examen"]["identifiantExterne"])
    if event.startswith("aide-sociale."):
        return _aid(event, message)
    if event in (PROPOSED, ACCEPTED, REFUSED, WITHDRAWN):
        demande = message["demande"]
        subject = demande["identifiantExterne"]
        return {
            "ref": f"{subject}:{event}",
            "event": event,
            "subject": subject,
            "need": demande.get("dispositif"),
        }
    about = next(message[name] for name in KEYS if name in message)
    subject = about["identifiantExterne"]
    if event in OWN_WORDS:
        return _history(event, subject, message)
    numbered = {"dossier": about["id"]} if "id" in about else {}
    outcome = outcome_of(event, message.get("suite", {}))
    closes = {"outcome": outcome} if outcome else {}
    return {"ref": f"{subject}:{event}", "event": event, "subject": subject, **numbered, **closes}


def _alert(event: str, alert: Message, to: str) -> Record:
    """Return the journal line for an alert. An alert about a referral without an answer closes its loop."""
    subject = alert["identifiantExterne"]
    told = alerts.effect(
        event, alert, subject=subject, about=alert["evenement"], due=alert.get("dateEcheance"), to=to
    )
    if alert["nature"] != Nature.ORIENTATION:
        return told
    told = {**told, "subject": subject, **({"dossier": alert["id"]} if "id" in alert else {})}
    if alert.get("suite") == SuiteEcheance.SANS_REPONSE:
        return {**told, "outcome": alerts.SILENCE}
    return {**told, "overdue": True} if alert.get("etape") == Etape.ECHUE else told


def _history(event: str, subject: str, message: Message) -> Record:
    """Return the journal line for a merged SIAO's message to its successor.

    The dossier's number is a referral's version; in a candidacy, encoded by a telephone number or the numéro
    unique.
    """
    numbered = {}
    if event == REFERRED:
        numbered = {"dossier": message["version"]}
    elif event == PRESENTED:
        index = people.phone_index(message["ficheGroupe"]["telephone"])
        numbered = {"dossier": story.dossier(index, story.CANDIDACY_SLOT)}
    elif event == collecteur.LISTED:
        numbered = {"dossier": collecteur.number_of(message["ficheGroupe"]["numeroUnique"])}
    return {"ref": f"{DERIVED}{HISTORY}:{event}:{subject}", "event": HISTORY, "subject": subject, **numbered}


def _aid(event: str, message: Message) -> Record:
    if event == aide.ASKED:
        return {"ref": aide.ref(_number(message), event, SIAO.id), "event": event}
    return {"ref": aide.told(message["suite"]["identifiantAideSociale"], event), "event": event}


def _number(message: Message) -> int:
    """Return the number that the only member's date of birth encodes."""
    (person,) = message["ficheGroupe"]["personnes"]
    return people.brought_number(date.fromisoformat(person["dateNaissance"]))


def _brought(event: str, message: Message) -> Record:
    slot = story.DEMAND_SLOT if event == BROUGHT else story.DAHO_SLOT
    number = story.dossier(_number(message), slot)
    subject = message["demande" if event == BROUGHT else "daho"]["identifiantExterne"]
    return {"ref": f"{story.loop(number)}:{event}", "event": event, "dossier": number, "subject": subject}


def outcome_of(event: str, suite: Message) -> str | None:
    """Return the outcome of the loop that an answer closes; None for an intermediate step."""
    if event == "decision.commission":
        return FINAL_DECISIONS.get(suite["resultat"])
    return FINAL.get(event)


def referral(
    number: int,
    household: Household,
    dispositif: str,
    day: date,
    place: str | None,
    structure: str | None,
    demande: str | None = None,
) -> bytes:
    """Return the referral of a household to a place or a structure. `number`: the dossier's; `demande`: the
    hub's id of the demand that it answers."""
    orientation: dict[str, Any] = {
        "id": number,
        "datePresentation": f"{day:%d/%m/%Y}",
        "dispositif": dispositif,
    }
    if structure is not None:
        orientation["structure"] = structure
    if demande is not None:
        orientation["demande"] = demande
    message = {
        **_header(number, "orientation.proposee"),
        "version": number,
        "orientation": orientation,
        "place": None if place is None else {"identifiantExterne": place},
        "ficheGroupe": _household(number, household),
    }
    return _bytes(message)


def cancellation(orientation: str) -> bytes:
    """Return the withdrawal of a referral, by the hub's id."""
    about = {"orientation": {"identifiantExterne": orientation}}
    return _bytes({**_header(orientation, "orientation.annulee"), **about})


def closing(number: int, demande: str) -> bytes:
    """Return the message that closes a demand for another solution. `demande`: the hub's id."""
    said = {"demande": {"identifiantExterne": demande}, "suite": {"motif": "AUTRE_SOLUTION"}}
    return _bytes({**_header(number, "demande.annulee"), **said})


def of_designated(effect: Record, today: date) -> Iterator[tuple[Row, bytes]]:
    """Yield two messages to the State about a household that it designated, with their journal rows."""
    daho, number = effect["subject"], effect["dossier"]
    state = state_of(story.place_of(number)[0])
    assert state is not None
    between = flow(siao_of(state), state, HEBERGES)
    days = {story.REFERRED: "dateOrientation", story.SHELTERED: "dateAccueil"}
    for seq, (event, day) in enumerate(days.items(), 1):
        about = {"identifiantExterne": daho, day: f"{today:%d/%m/%Y}"}
        row = Row(f"{story.loop(number)}:{event}", between, daho, seq)
        yield row, _bytes({**_header(daho, event), "daho": about})


def signature(terms: Message) -> bytes:
    """Return the SIAO's signature of a derogation."""
    event = actes.DEROGATION
    return _bytes({**_header(terms["numero"], event), "acte": {**terms, "signeeLe": actes.SIGNED[SIAO.id]}})


def opinion(case: str, favorable: bool, today: date) -> bytes:
    """Return the SIAO's opinion on a household on the agenda. `case`: the hub's id."""
    said = {
        "identifiantExterne": case,
        "favorable": "OUI" if favorable else "NON",
        "dateAvis": f"{today:%d/%m/%Y}",
    }
    return _bytes({**_header(case, examens.OPINION), "examen": said})


def about_transfer(event: str, demande: str, suite: Message, **said: str) -> bytes:
    """Return a message about a transfer: the offer of a demand to another SIAO, its withdrawal, or an
    answer."""
    about = {"demande": {"identifiantExterne": demande, **said}, "suite": suite}
    return _bytes({**_header(demande, event), **about})


def accompaniment(orientation: str, operator: str) -> bytes:
    """Return the request to an operator to support a household. `orientation`: the hub's id of its referral;
    `operator`: a SIRET."""
    suite = {"mesureAccompagnement": 1, "operateur": operator}
    about = {"orientation": {"identifiantExterne": orientation}, "suite": suite}
    return _bytes({**_header(orientation, "accompagnement.demande"), **about})


def ready(number: int, household: Household, today: date, departement: str = TERRITOIRE) -> bytes:
    """Return the message that declares a household ready for housing."""
    return _bytes(
        {
            **_header(number, "menage.pret-logement.declare"),
            "ficheGroupe": _to_house(number, household, today),
            "logement": {"departement": departement, "dateEvaluation": f"{today:%d/%m/%Y}"},
        }
    )


def listed(key: str, event: str, number: int, household: Household, today: date, **housing: object) -> bytes:
    """Return the message that declares or updates a household on the list, including the fields that no
    reader may see."""
    group = {**_to_house(number, household, today), **HIDDEN}
    return _bytes({**_header(key, event), "ficheGroupe": group, "logement": housing})


def unlisted(key: str, event: str, number: int) -> bytes:
    """Return the message that takes a household off the list."""
    return _bytes({**_header(key, event), "ficheGroupe": {"id": number}, "suite": {"motif": "RENONCIATION"}})


def candidacy(
    number: int, household: Household, siret: str, today: date, canal: str, **changes: str | None
) -> bytes:
    """Return the candidacy of a household with a landlord. `changes` make the household invalid."""
    household_fields = {**_to_house(number, household, today), **changes}
    under = {"convention": actes.AGREED} if canal == OF_THE_COLLECTOR else {}
    message = {
        **_header(number, "candidature.presentee"),
        "candidature": {"id": number, "bailleur": siret, "canal": canal, "commune": "59350", **under},
        "ficheGroupe": household_fields,
    }
    return _bytes(message)


def on_a_list(siret: str, today: date) -> bytes:
    """Return the message that presents all households of the collector's list."""
    about = {"bailleur": siret, "convention": actes.BY_LIST, "liste": "LST-59-1"}
    informed = {"dateInformation": f"{today:%d/%m/%Y}"}
    return _bytes(
        [
            {
                **_header(number, collecteur.LISTED),
                "candidature": {"id": number, **about, **informed},
                "ficheGroupe": _to_house(number, people.brought(story.place_of(number)[0]), today),
            }
            for number in collecteur.NUMBERS
        ]
    )


def presentation_day(today: date, slot: int) -> date:
    """Return the day on which the household of a place's n-th referral presents itself."""
    return today + timedelta(days=slot)


def _place(event: str, message: Message) -> Record:
    place = message["place"]
    found = CODE.search(place.get("adresse", ""))
    if found is None:
        version = message.get("version")
        ref = f"{DERIVED}{event}:{place['identifiantExterne']}:{version}"
        return {"ref": ref, "event": event, "place": place["identifiantExterne"]}
    return {
        "ref": f"{found[0]}:{event}",
        "event": event,
        "place": place["identifiantExterne"],
        "code": found[0],
        "dispositif": place["dispositif"],
        "compositions": [str(code["id"]) for code in place.get("compositions", ())],
    }


def _header(number: int | str, event: str) -> dict[str, Any]:
    return {"idMessage": f"{number}-{event}", "type": event, "emetteur": "SIAO du Nord (démonstration)"}


def _to_house(number: int, household: Household, today: date) -> dict[str, Any]:
    """Return a household as a JSON object, with the fields for landlords and the prefect's services."""
    index = story.place_of(number)[0]
    return {
        **_household(number, household),
        "telephone": people.phone(index),
        "numeroUnique": people.numero_unique(index, today),
        "ressourcesMensuelles": "742,50",
    }


def _household(number: int, household: Household) -> dict[str, Any]:
    return {
        "id": number,
        "composition": {"id": int(household.composition)},
        "nbAdultes": household.adults,
        "nbEnfants": household.children,
        "personnes": [
            {
                "nom": person.nom,
                "prenom": person.prenom,
                "sexe": person.sexe,
                "dateNaissance": f"{person.naissance:%d/%m/%Y}",
            }
            for person in household.people
        ],
    }


def _bytes(message: Message | Sequence[Message]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()
