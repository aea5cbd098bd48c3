"""The partners and messages of simulated scenarios.

A scenario's plain names and short descriptions (`Geste`) become ids and contracts here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from contracts.base import Contrat
from contracts.errors import Misconfigured
from contracts.partner import Famille, Partner, SortieBoite
from contracts.v1 import CONTRATS
from contracts.v1.acte import EvenementActe
from contracts.v1.aide_sociale import AideSocialeDemandee
from contracts.v1.attribution import CandidaturePresentee, CandidatureSurListe
from contracts.v1.daho import DahoDesigne
from contracts.v1.demande import DemandeRecue
from contracts.v1.examen import ExamenInscrit
from contracts.v1.menage import Menage, MenageSurListe
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import PlaceDecrite
from contracts.v1.suite import AdmissionDirecte
from router.domain.partners import Registry
from simulation.accelerated.scenario import Geste, Scenario

NAMES = UUID(int=2026)
FINESS, SIRET = "010000024", "26010004500012"
PREFET, COLLECTEUR = "35600000000083", "35600000000088"
PLAYERS: Mapping[str, tuple[Famille, str, tuple[str, ...]]] = MappingProxyType(
    {
        "siao": (Famille.SIAO, "si_siao_json", ()),
        "siao-voisin": (Famille.SIAO, "si_siao_json", ()),
        "centre": (Famille.HEBERGEMENT, "hebergement_json", (FINESS,)),
        "foyer": (Famille.HEBERGEMENT, "hebergement_json", ("010000032",)),
        "bailleur": (Famille.BAILLEUR, "bailleur_xml", (SIRET,)),
        "prescripteur": (Famille.PRESCRIPTEUR, "prescripteur_json", ()),
        "etat": (Famille.ETAT, "etat_json", (PREFET,)),
        "cil": (Famille.CIL, "action_logement_json", (COLLECTEUR,)),
    }
)
"""Partners of every scenario, by name: family, dialect, and structures."""
ELSEWHERE: Mapping[str, str] = MappingProxyType({"siao-voisin": "62"})
"""Département of each partner outside the scenario's territory."""
BY_NAME: Mapping[str, type[Contrat]] = {contrat.NOM: contrat for contrat in CONTRATS.values()}


def registry(scenario: Scenario) -> Registry:
    """Return a registry with all partners of the scenarios."""
    return Registry.of(
        Partner(
            id=ident,
            nom=ident,
            famille=famille,
            structures=structures,
            territoire=ELSEWHERE.get(ident, scenario.territoire),
            dialecte_sortant=dialecte,
            sortie=SortieBoite(releve_h=1),
            rythme=scenario.rythmes.get(ident),
            fermetures=scenario.fermetures.get(ident, ()),
        )
        for ident, (famille, dialecte, structures) in PLAYERS.items()
    )


def named(name: str) -> UUID:
    """Return the id for a name in scenario files. Equal names give equal ids."""
    return uuid5(NAMES, name)


def contract_of(geste: Geste) -> Contrat:
    """Return the contract for one message of a scenario. Raises Misconfigured, in French."""
    kind = BY_NAME.get(geste.dit)
    if kind is None:
        raise Misconfigured(f"« {geste.dit} » n'est pas un message")
    said: dict[str, Any] = {**_usual(kind, geste.de), **geste.avec, kind.SUJET: named(geste.de)}
    for name in ("place", "orientation", "demande", "candidature", "menage"):
        if isinstance(said.get(name), str):
            said[name] = named(said[name])
    for name in ("derogation", "convention"):
        if isinstance(numero := said.get(name), str):
            said["acte"] = named(numero)
    if "autres_places" in said:
        said["autres_places"] = tuple(map(named, said["autres_places"]))
    try:
        return kind(**said)
    except ValidationError as exc:
        where = ", ".join(str(error["loc"][0]) for error in exc.errors() if error["loc"])
        raise Misconfigured(f"« {geste.dit} » de « {geste.de} » : {where}") from exc


def _usual(kind: type[Contrat], name: str) -> Mapping[str, Any]:
    """Return the required values that a scenario may omit."""
    menage = Menage(id=named(f"ménage de {name}"), composition="10", adultes=1)
    if kind is OrientationProposee:
        return {"menage": menage, "dispositif": "INSERTION"}
    if kind is DemandeRecue:
        return {"menage": menage, "dispositif": "INSERTION"}
    if kind is AdmissionDirecte:
        return {"menage": menage}
    if issubclass(kind, EvenementActe):
        return {"numero": name}
    if kind is CandidaturePresentee:
        return {"menage": menage, "bailleur": SIRET, "canal": "DIRECT"}
    if kind is CandidatureSurListe:
        listed = MenageSurListe(id=menage.id, composition="10", adultes=1)
        return {"menage": listed, "bailleur": COLLECTEUR}
    if kind in (DahoDesigne, ExamenInscrit):
        return {"menage": menage}
    if kind is AideSocialeDemandee:
        return {"menage": menage, "structure": FINESS}
    if issubclass(kind, PlaceDecrite):
        return {"structure": FINESS, "commune": "01451", "dispositif": "INSERTION"}
    return {}
