"""Who plays: the simulated partners, their programs, and the flows between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts.partner import ClasseLivraison


@dataclass(frozen=True, slots=True)
class Part:
    """One partner: its id in the registry, its name on the screen, its program, and what it speaks."""

    id: str
    nom: str
    program: str
    speaks: str
    famille: str


TERRITOIRE = "59"

SIAO = Part("siao-59", "SIAO du Nord", "simulation.siao", "JSON, HTTP", "siao")
CENTRE_CSV = Part("chrs-tilleuls", "CHRS Les Tilleuls", "simulation.centre_csv", "CSV, SFTP", "hebergement")
CENTRE_JSON = Part("escale", "L'Escale", "simulation.centre_json", "JSON, HTTP", "hebergement")
CENTRE_BOITE = Part(
    "halte-canal", "La Halte du Canal", "simulation.centre_boite", "CSV, boîte", "hebergement"
)
BAILLEUR_HTTP = Part("habitat-boreal", "Habitat Boréal", "simulation.bailleur_http", "XML, HTTP", "bailleur")
BAILLEUR_SFTP = Part(
    "toits-aubepine", "Toits d'Aubépine", "simulation.bailleur_sftp", "XML, SFTP", "bailleur"
)

PARTS = (SIAO, CENTRE_CSV, CENTRE_JSON, CENTRE_BOITE, BAILLEUR_HTTP, BAILLEUR_SFTP)
BY_ID: Mapping[str, Part] = MappingProxyType({part.id: part for part in PARTS})

LIVRAISONS: Mapping[str, ClasseLivraison] = MappingProxyType(
    {
        **dict.fromkeys(BY_ID, ClasseLivraison.DEDUPLIQUE),
        CENTRE_JSON.id: ClasseLivraison.INTERROGEABLE,
        BAILLEUR_SFTP.id: ClasseLivraison.INTERROGEABLE,
        BAILLEUR_HTTP.id: ClasseLivraison.AUCUNE,
    }
)
"""What each promises about a delivery whose answer was lost: one at least of each class by each way out that
has it."""
WITHOUT_TASKS: Mapping[str, ClasseLivraison] = MappingProxyType(
    {**LIVRAISONS, BAILLEUR_HTTP.id: ClasseLivraison.INTERROGEABLE}
)
"""The same where nothing may end as somebody's task: whoever is in doubt can ask."""

PLACES, ORIENTATIONS, CANDIDATURES, REPONSES = "places", "orientations", "candidatures", "réponses"

PREFIXES: Mapping[str, Part] = MappingProxyType({"TIL": CENTRE_CSV, "ESC": CENTRE_JSON})
"""How the codes of the places of each shelter begin."""


def flow(sender: Part, recipient: Part, what: str) -> str:
    """Name of a flow, the same in every journal."""
    return f"{sender.id}>{recipient.id}:{what}"


FLOWS = (
    *(flow(centre, SIAO, PLACES) for centre in (CENTRE_CSV, CENTRE_JSON)),
    *(flow(SIAO, centre, ORIENTATIONS) for centre in (CENTRE_CSV, CENTRE_JSON, CENTRE_BOITE)),
    *(flow(SIAO, bailleur, CANDIDATURES) for bailleur in (BAILLEUR_HTTP, BAILLEUR_SFTP)),
    *(flow(part, SIAO, REPONSES) for part in PARTS[1:]),
)
"""Every flow, in the order of the story."""


def ends(flow_name: str) -> tuple[Part, Part, str]:
    """Sender, recipient, and what flows between them."""
    between, _, what = flow_name.partition(":")
    sender, _, recipient = between.partition(">")
    return BY_ID[sender], BY_ID[recipient], what
