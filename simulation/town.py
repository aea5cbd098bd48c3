"""A territory beside the demo whose partners a person can play in the console."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from pydantic_core import to_json

from console.rights import PERIMETRE, PROFIL, Profil
from simulation import people, places
from simulation.identity import People
from simulation.sandbox import Player, enter
from simulation.stage import Stage

TERRITOIRE, CCAS = "02", "ccas-02"
ACCOUNTS: People = {
    "centre": {PROFIL: Profil.PARTENAIRE, PERIMETRE: "centre-02", "name": "Direction de la maison"},
    "ccas": {PROFIL: Profil.PARTENAIRE, PERIMETRE: CCAS, "name": "Accueil du CCAS"},
    "siao": {PROFIL: Profil.REFERENT, PERIMETRE: [TERRITOIRE], "name": "Coordination du SIAO"},
    "115": {PROFIL: Profil.PARTENAIRE, PERIMETRE: "le-115-02", "name": "Écoute du 115"},
    "bailleur": {PROFIL: Profil.PARTENAIRE, PERIMETRE: "bailleur-02", "name": "Attributions"},
    "etat": {PROFIL: Profil.PARTENAIRE, PERIMETRE: "etat-02", "name": "Service logement"},
}
WAITING: Mapping[str, str] = {
    "centre": "deux ménages à accueillir ou non, des places à déclarer",
    "ccas": "deux lignes d'un tableau à corriger, trois demandes à suivre",
    "siao": "quatre ménages à orienter, dont une famille de cinq et deux qui se ressemblent ; neuf places libres, une "
    "dérogation à signer",
    "115": "les places de ce soir",
    "bailleur": "une candidature à inscrire ou non",
    "etat": "une dérogation à signer, un ménage désigné au SIAO",
}
"""What each account finds at its desk, in French."""
READY_WITHIN_SECONDS = 20.0
SHEET = """\
N° de demande;Objet;N° du ménage;Composition;Adultes;Enfants;Dispositif;Commune;Nom;Prénom
D-4;Nouvelle;M-4;Couple sans enfant;1;;Urgence;02691;EXEMPLE;Amina
D-5;Nouvele;M-5;Femme seule;1;;Urgence;02691;EXEMPLE;Jeanne
"""
FAMILY = [
    (prenom, age) for prenom, age in (("Samira", 34), ("Karim", 36), ("Lina", 9), ("Adam", 6), ("Noé", 1))
]


def open_town(stage: Stage) -> None:
    """Add the territory to a running hub, and send the messages that its partners find. Raises
    PartUnavailable; HTTPError if the hub refuses one."""
    seed = next(iter(stage.configs.values())).seed
    home, office, flats = places.structures(TERRITOIRE, seed)[:3]
    centre = _player(
        "centre-02",
        "Maison des Remparts",
        "hebergement",
        ("hebergement_json", "hebergement_tableau"),
        home.finess,
    )
    ccas = _player(
        CCAS, "CCAS de la Vallée", "prescripteur", ("prescripteur_json", "prescripteur_tableau"), office.siret
    )
    siao = _player("siao-02", "SIAO de l'Aisne", "siao", ("si_siao_json",), "")
    landlord = _player(
        "bailleur-02", "Toits de l'Aisne", "bailleur", ("bailleur_tableau", "bailleur_xml"), flats.siret
    )
    night = _player(
        "le-115-02", "115 de l'Aisne", "veille_sociale", ("veille_sociale_json", "veille_sociale_tableau"), ""
    )
    state = _player("etat-02", "Préfecture de l'Aisne", "etat", ("etat_json", "etat_tableau"), "")
    enter(stage, centre, ccas, siao, landlord, night, state)
    today = date.today()  # noqa: DTZ011 - a partner's own day
    for place in _places(home):
        _send(stage, centre, place)
    for demand in _demands(today):
        _send(stage, ccas, demand)
    _send(stage, ccas, SHEET, dialect="prescripteur_tableau", key="tableau-1", filename="demandes.csv")
    for said in _said_by_the_siao(home.finess, flats.siret, today):
        _send(stage, siao, said)
    _send(stage, centre, _derogation(home.finess, today))
    _send(stage, state, _designation(today))


def _player(ident: str, nom: str, famille: str, dialectes: Sequence[str], structure: str) -> Player:
    return Player(
        ident, structure, famille, dialectes[0], aussi=tuple(dialectes[1:]), nom=nom, territoire=TERRITOIRE
    )


def _places(home: places.Structure) -> Iterator[dict[str, Any]]:
    for number, capacite in enumerate((1, 1, 1, 2, 2, 4, 1, 1, 1), 1):
        yield {
            "idEvenement": f"place-{number}",
            "type": "place.vacante",
            "place": f"CH-{100 + number}",
            "structure": home.finess,
            "commune": home.commune,
            "dispositif": "URGENCE",
            "capacite": capacite,
        }


def _demands(today: date) -> Iterator[dict[str, Any]]:
    for number, (composition, who) in enumerate(
        (("100", FAMILY), ("10", [("Paul", 52)]), ("40", [("Awa", 27), ("Issa", 3)])), 1
    ):
        yield {
            "idEvenement": f"demande-{number}",
            "type": "demande.recue",
            "demande": f"D-{number}",
            "menage": {
                "id": f"M-{number}",
                **_counted(composition, who),
                "personnes": list(_named(who, today)),
            },
            "dispositif": "URGENCE",
            "commune": "02691",
        }


def _said_by_the_siao(finess: str, siret: str, today: date) -> Iterator[dict[str, Any]]:
    for number, prenom in ((1, "Lucie"), (2, "Marianne")):
        yield {
            "idMessage": f"orientation-{number}",
            "type": "orientation.proposee",
            "orientation": {"id": 9000 + number, "dispositif": "URGENCE", "structure": finess},
            "ficheGroupe": _household(9000 + number, prenom, today),
        }
    yield {
        "idMessage": "candidature-1",
        "type": "candidature.presentee",
        "candidature": {"id": 9100, "bailleur": siret, "canal": "DIRECT", "commune": "02691"},
        "ficheGroupe": {
            **_household(9100, "Odile", today),
            "numeroUnique": people.numero_unique(9100, today),
        },
    }


def _derogation(finess: str, today: date) -> dict[str, Any]:
    return {
        "idEvenement": "derogation-1",
        "type": "derogation.accordee",
        "numero": f"DER-{today.year}-1",
        "structure": finess,
        "quota": 2,
        "du": f"{today}",
        "au": f"{today + timedelta(days=365)}",
    }


def _designation(today: date) -> dict[str, Any]:
    return {
        "idEvenement": "designation-1",
        "type": "daho.designe",
        "daho": "DAHO-1",
        "decisionLe": f"{today - timedelta(days=7)}",
        "menage": {
            "id": "M-DAHO-1",
            **_counted("10", [("Paul", 52)]),
            "personnes": list(_named([("Paul", 52)], today)),
        },
    }


def _household(number: int, prenom: str, today: date) -> dict[str, Any]:
    return {"id": number, "composition": 20, "nbAdultes": 1, "personnes": list(_named([(prenom, 41)], today))}


def _counted(composition: str, who: Sequence[tuple[str, int]]) -> dict[str, Any]:
    children = sum(age < 18 for _, age in who)
    return {"composition": composition, "adultes": len(who) - children, "enfants": children}


def _named(who: Sequence[tuple[str, int]], today: date) -> Iterator[dict[str, str]]:
    for prenom, age in who:
        yield {
            "nom": "EXEMPLE",
            "prenom": prenom,
            "dateNaissance": f"{today - timedelta(days=365 * age + 40)}",
        }


def _send(
    stage: Stage, sender: Player, said: object, dialect: str = "", key: str = "", filename: str = ""
) -> None:
    """Send a message until it is accepted: the hub may not know the sender yet. A CSV file may be refused
    with 422. Raises HTTPError after a deadline."""
    body = said.encode() if isinstance(said, str) else to_json(said)
    headers = {
        "Authorization": f"Bearer {sender.key}",
        "Content-Type": "text/csv" if isinstance(said, str) else "application/json",
        **({"SIAO-Dialecte": dialect} if dialect else {}),
        **({"Idempotency-Key": key} if key else {}),
        **({"Content-Disposition": f'attachment; filename="{filename}"'} if filename else {}),
    }
    asked = Request(f"{stage.hub_url}/v1/messages", body, headers)  # noqa: S310 - our own hub
    until = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        try:
            urlopen(asked, timeout=15).close()  # noqa: S310 - our own hub
            return
        except HTTPError as exc:
            if isinstance(said, str) and exc.code == 422:
                return  # a refused row is also something that waits at the desk
            if time.monotonic() > until:
                raise
        time.sleep(0.5)
