"""The simulated partners: ids, programs, dialects, transports, and the flows of messages between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from contracts.partner import ClasseLivraison
from simulation import story


class Porte(StrEnum):
    """Transports between a partner and the hub."""

    HTTP = "HTTP"
    SFTP = "SFTP"
    BOITE = "boîte"
    SOAP = "SOAP"
    KAFKA = "Kafka"
    REST = "REST"


TERRITOIRE, AUTRE_TERRITOIRE, TERRITOIRE_DES_LECTEURS = "59", "62", "80"
ABBEVILLE, AMIENS, PERONNE = "80001", "80021", "80620"


@dataclass(frozen=True, slots=True)
class Part:
    """Simulated partner: registry id, name on the screen, program, dialect and transport."""

    id: str
    nom: str
    program: str
    famille: str
    dialecte: str
    format: str
    """Format on the demo's screen."""
    porte: Porte
    profil: str | None = None
    lignes: int = 0
    """Lines of a file that joins several events; 0 for one file each."""
    territoire: str = TERRITOIRE
    aussi: tuple[str, ...] = ()
    """Further dialects."""
    communes: tuple[str, ...] = ()
    """Communes in which the partner works; empty for its whole territory."""

    @property
    def speaks(self) -> str:
        """Format and transport on the demo's screen."""
        return f"{self.format}, {self.porte}{' par lots' if self.lignes else ''}"

    @property
    def has_server(self) -> bool:
        """Whether the partner listens on a port of its own."""
        return self.porte in (Porte.HTTP, Porte.SFTP, Porte.SOAP, Porte.REST)


SIAO = Part("siao-59", "SIAO du Nord", "simulation.desks", "siao", "si_siao_json", "JSON", Porte.HTTP)

_CENTRE, _CSV = "hebergement", "hebergement_csv"
CENTRE_CSV = Part(
    "chrs-tilleuls",
    "CHRS Les Tilleuls",
    "simulation.centre_csv",
    _CENTRE,
    _CSV,
    "CSV",
    Porte.SFTP,
    "hebergement_gestion",
)
CENTRE_JSON = Part(
    "escale", "L'Escale", "simulation.centre_json", _CENTRE, "hebergement_json", "JSON", Porte.HTTP
)
CENTRE_BOITE = Part(
    "halte-canal",
    "La Halte du Canal",
    "simulation.centre_boite",
    _CENTRE,
    _CSV,
    "CSV",
    Porte.BOITE,
    "hebergement_standard",
)

_BAILLEUR, _XML = "bailleur", "bailleur_xml"
BAILLEUR_HTTP = Part(
    "habitat-boreal", "Habitat Boréal", "simulation.bailleur_http", _BAILLEUR, _XML, "XML", Porte.HTTP
)
BAILLEUR_SFTP = Part(
    "toits-aubepine", "Toits d'Aubépine", "simulation.bailleur_sftp", _BAILLEUR, _XML, "XML", Porte.SFTP
)

_PLAY = "simulation.familles.jouer"
# fmt: off
BAILLEUR_SOAP = Part("foyer-garance", "Foyer Garance", _PLAY, _BAILLEUR, _XML, "XML", Porte.SOAP)
RESIDENCE = Part("residence-lys", "Résidence de la Lys", _PLAY, "logement_accompagne", _CSV, "CSV", Porte.SFTP,
                 "hebergement_standard", lignes=8, aussi=("logement_accompagne_tableau",))
LHSS = Part("lhss-flandre", "LHSS de Flandre", _PLAY, "ars", "ars_fhir", "FHIR", Porte.HTTP)
CIL = Part("cil-nord", "CIL du Nord", _PLAY, "cil", "action_logement_json", "JSON", Porte.HTTP)
COLLECTIVITE = Part("metropole", "La Métropole", _PLAY, "collectivite", "collectivite_tableau", "XLSX", Porte.BOITE)
CONTINGENT = Part("ddets-59", "Contingent, DDETS", _PLAY, "contingent", "contingent_json", "JSON", Porte.BOITE)
LE_115 = Part("le-115", "115 du Nord", _PLAY, "veille_sociale", "veille_sociale_json", "JSON", Porte.BOITE)
CCAS = Part("ccas-deule", "CCAS de la Deûle", _PLAY, "prescripteur", "prescripteur_json", "JSON", Porte.HTTP,
            aussi=("prescripteur_tableau",))  # fmt: skip
SPIP_XML = Part("spip-flandre", "SPIP de Flandre", _PLAY, "spip", "spip_xml", "XML", Porte.BOITE)
SPIP_JSON = Part("spip-hainaut", "SPIP du Hainaut", _PLAY, "spip", "spip_json", "JSON", Porte.HTTP)
SPADA = Part("spada-lille", "SPADA de Lille", _PLAY, "asile", "asile_tableau", "CSV et XLSX", Porte.BOITE)
AVDL = Part("avdl-nord", "AVDL du Nord", _PLAY, "accompagnement", "cloudevents_json", "JSON", Porte.KAFKA)
SIAO_REST = Part("siao-62", "SIAO du Pas-de-Calais", "simulation.desks", "siao", "si_siao_fiches", "fiches",
                 Porte.REST, territoire=AUTRE_TERRITOIRE, aussi=("si_siao_json",))
SIAO_COMMUN = Part("siao-59-62", "SIAO du Nord et du Pas-de-Calais", "simulation.desks", "siao", "si_siao_json", "JSON",
                   Porte.HTTP)
CCAS_ARTOIS = Part("ccas-artois", "CCAS de l'Artois", _PLAY, "prescripteur", "prescripteur_json", "JSON", Porte.BOITE,
                   territoire=AUTRE_TERRITOIRE)
DDETS_62 = Part("ddets-62", "Contingent, DDETS 62", _PLAY, "contingent", "contingent_json", "JSON", Porte.BOITE,
                territoire=AUTRE_TERRITOIRE)
_LIST = "simulation.list_readers"
SIAO_LISTE = Part("siao-80", "SIAO de la Somme", _LIST, "siao", "si_siao_json", "JSON", Porte.BOITE,
                  territoire=TERRITOIRE_DES_LECTEURS)
DDETS_80, DELEGATAIRE, VILLE, EST = (
    Part(ident, nom, _LIST, "contingent", "contingent_json", "JSON", Porte.BOITE, territoire=TERRITOIRE_DES_LECTEURS,
         communes=communes)
    for ident, nom, communes in (
        ("ddets-80", "Contingent, DDETS de la Somme", ()),
        ("delegataire-80", "Délégataire d'Abbeville", (ABBEVILLE,)),
        ("ville-80", "Ville d'Amiens", (AMIENS,)),
        ("est-80", "Service de l'État, Amiens et Péronne", (AMIENS, PERONNE)),
    )
)
ETAT = Part("etat-59", "Préfecture du Nord", _PLAY, "etat", "etat_json", "JSON", Porte.BOITE)
ETAT_62 = Part("etat-62", "Préfecture du Pas-de-Calais", _PLAY, "etat", "etat_json", "JSON", Porte.SFTP,
               territoire=AUTRE_TERRITOIRE)
OBSERVATION = Part("observation-59", "Observation sociale", "simulation.observation", "bdos", "bdos_fichiers",
                   "six fichiers", Porte.SFTP, lignes=100)
# fmt: on

LANDLORDS = (BAILLEUR_HTTP, BAILLEUR_SFTP, BAILLEUR_SOAP, CIL, COLLECTIVITE, CONTINGENT)
"""Partners that receive candidacies, in rotation."""
RECEIVERS = (RESIDENCE, LHSS)
"""Partners that receive the referrals of households brought by another."""
BRINGERS = (LE_115, CCAS, SPIP_XML, SPIP_JSON, SPADA)
"""Partners that bring households to the SIAO, in rotation."""

ELSEWHERE = (SIAO_REST, CCAS_ARTOIS, DDETS_62, ETAT_62)
"""Partners of a second territory, whose SIAO uses its own software's API. It has no shelter."""

MERGING = (SIAO, SIAO_REST)
"""SIAO that a run with a merger merges into `SIAO_COMMUN`."""

PARTS = (
    *(SIAO, CENTRE_CSV, CENTRE_JSON, CENTRE_BOITE),
    *(*LANDLORDS, *RECEIVERS, *BRINGERS, AVDL, ETAT, OBSERVATION, *ELSEWHERE),
)
READERS = (DDETS_80, DELEGATAIRE, VILLE, EST)
"""Readers of one SIAO's list; the first may read all of it."""
LIST = (SIAO_LISTE, *READERS)
"""Partners of a third territory: a SIAO with a list, and its readers."""
BY_ID: Mapping[str, Part] = MappingProxyType({part.id: part for part in (*PARTS, SIAO_COMMUN, *LIST)})
BY_THE_LOT = frozenset(part.id for part in PARTS if part.lignes)
"""Partners that get lots, or sets of files."""

LIVRAISONS: Mapping[str, ClasseLivraison] = MappingProxyType(
    {
        **dict.fromkeys(BY_ID, ClasseLivraison.DEDUPLIQUE),
        CENTRE_JSON.id: ClasseLivraison.INTERROGEABLE,
        BAILLEUR_SFTP.id: ClasseLivraison.INTERROGEABLE,
        BAILLEUR_HTTP.id: ClasseLivraison.AUCUNE,
    }
)
"""Delivery class of each partner, for each transport all that it allows."""
WITHOUT_TASKS: Mapping[str, ClasseLivraison] = MappingProxyType(
    {**LIVRAISONS, BAILLEUR_HTTP.id: ClasseLivraison.INTERROGEABLE}
)
"""Delivery classes in runs without tasks for a person: every partner can be asked about an unknown
outcome."""

PLACES, DEMANDES, ORIENTATIONS = "places", "demandes", "orientations"
CANDIDATURES, MENAGES, ACCOMPAGNEMENTS = "candidatures", "ménages prêts", "accompagnements"
REPONSES, CLOTURES, TRANSFERTS = "réponses", "clôtures", "transferts"
ACTES, AIDES, HEBERGES = "actes", "aides sociales", "hébergés au titre du DAHO"
EXAMENS, LISTES = "examens en instance", "ménages sur liste"

PREFIXES: Mapping[str, Part] = MappingProxyType({"TIL": CENTRE_CSV, "ESC": CENTRE_JSON})
"""Shelter of a place, by the prefix of its code."""


def flow(sender: Part, recipient: Part, what: str) -> str:
    """Return the name of a flow: messages of one kind from a sender to a recipient."""
    return f"{sender.id}>{recipient.id}:{what}"


ANSWERING = (CENTRE_CSV, CENTRE_JSON, CENTRE_BOITE, *RECEIVERS, *LANDLORDS, AVDL)
"""Partners that answer referrals, candidacies or requests of the SIAO."""

FLOWS = (
    *(flow(centre, SIAO, PLACES) for centre in (CENTRE_CSV, CENTRE_JSON)),
    *(flow(bringer, SIAO, DEMANDES) for bringer in BRINGERS),
    *(flow(SIAO, centre, ORIENTATIONS) for centre in (CENTRE_CSV, CENTRE_JSON, CENTRE_BOITE, *RECEIVERS)),
    *(flow(SIAO, landlord, CANDIDATURES) for landlord in LANDLORDS),
    flow(SIAO, CONTINGENT, MENAGES),
    flow(SIAO, CIL, LISTES),
    flow(SIAO, AVDL, ACCOMPAGNEMENTS),
    *(flow(part, SIAO, REPONSES) for part in ANSWERING),
    flow(CCAS_ARTOIS, SIAO_REST, DEMANDES),
    flow(SIAO_REST, DDETS_62, MENAGES),
    *(flow(*desks, TRANSFERTS) for desks in ((SIAO, SIAO_REST), (SIAO_REST, SIAO))),
    *(flow(SIAO_REST, bringer, CLOTURES) for bringer in (CCAS_ARTOIS, *BRINGERS)),
    *(flow(state, siao, DEMANDES) for state, siao in ((ETAT, SIAO), (ETAT_62, SIAO_REST))),
    *(flow(siao, state, HEBERGES) for state, siao in ((ETAT, SIAO), (ETAT_62, SIAO_REST))),
    *(flow(CENTRE_BOITE, told, AIDES) for told in (ETAT, SIAO)),
    *(flow(ETAT, told, AIDES) for told in (CENTRE_BOITE, SIAO)),
    *(flow(ETAT, told, ACTES) for told in (CIL, CENTRE_JSON, SIAO)),
    *(flow(CIL, told, ACTES) for told in (ETAT, SIAO)),
    *(flow(CENTRE_JSON, told, ACTES) for told in (SIAO, ETAT)),
    *(flow(SIAO, told, ACTES) for told in (CENTRE_JSON, ETAT)),
    flow(ETAT, SIAO, EXAMENS),
    flow(SIAO, ETAT, EXAMENS),
)
"""All flows, in the order in which the simulated story begins them."""


def bringer_of(place: int) -> Part | None:
    """Return the partner that brings a household when this place becomes vacant, if any."""
    if story.is_brought_elsewhere(place):
        return CCAS_ARTOIS
    return BRINGERS[place // 3 % len(BRINGERS)] if story.is_brought(place) else None


def state_of(place: int) -> Part | None:
    """Return the service of the State that designates a household when this place becomes vacant, if any."""
    elsewhere = ETAT_62 if story.is_designated_elsewhere(place) else ETAT
    return elsewhere if story.is_designated(place) else None


def siao_of(part: Part) -> Part:
    """Return the SIAO of a partner's territory."""
    return SIAO if part.territoire == SIAO.territoire else SIAO_REST


def ends(flow_name: str) -> tuple[Part, Part, str]:
    """Return the sender, the recipient and the kind of messages of a flow."""
    between, _, what = flow_name.partition(":")
    sender, _, recipient = between.partition(">")
    return BY_ID[sender], BY_ID[recipient], what
