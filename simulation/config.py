"""The configuration of a simulated partner's program, in one JSON file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from contracts.partner import ClasseLivraison
from simulation.places import Place


@dataclass(frozen=True, slots=True)
class Landlord:
    """A landlord to which the SIAO presents candidacies."""

    id: str
    siret: str
    canal: str = "DIRECT"
    """Channel by which households are presented to the landlord."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A structure to which the SIAO refers a household without naming a place."""

    id: str
    finess: str


@dataclass(frozen=True, slots=True)
class Bringing:
    """A household that a partner brings to the SIAO `at_s` seconds after the start. `number` is that of a simulated
    place."""

    number: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of one simulated partner's program."""

    id: str
    folder: Path
    """The partner's own folder: journal, keys, and the folders of its SFTP server."""
    start: Path
    """File that gives the signal to begin: the program sends nothing before it exists."""
    hub: str
    """Base URL of the hub."""
    api_key: str
    seed: int
    today: date
    port: int = 0
    """Port on which the partner's own server listens; 0 for a partner without one."""
    secret: str = ""
    """Secret with which the hub signs deliveries to the partner (`whsec_…`)."""
    places: tuple[Place, ...] = ()
    structures: tuple[str, ...] = ()
    """FINESS or SIRET of the partner's own structures."""
    foreign: str = ""
    """FINESS of another partner's structure, for a row that the hub must reject."""
    landlords: tuple[Landlord, ...] = ()
    pull_structure: str = ""
    """FINESS of the shelter that reads a mailbox; the SIAO refers households to it without naming a place."""
    receivers: tuple[Receiver, ...] = ()
    """Structures to which the SIAO refers the households that other partners bring."""
    operator: str = ""
    """SIRET of the operator that the SIAO asks to support households."""
    brings: tuple[Bringing, ...] = ()
    """Households that the partner brings to the SIAO."""
    bootstrap: str = ""
    """Address of the partner's own Kafka."""
    livraison: ClasseLivraison = ClasseLivraison.DEDUPLIQUE
    """Delivery class of the partner: what it can say about a delivery of which the hub lost the answer."""
    delais: Mapping[str, str] = field(default_factory=dict)
    """Short deadlines in the partner's registry entry, by kind. A partner with one for `decision` leaves some
    referrals unanswered."""

    @property
    def recognises(self) -> bool:
        """Whether the partner ignores a second delivery under the same key."""
        return self.livraison is ClasseLivraison.DEDUPLIQUE

    @property
    def said(self) -> str:
        """Topic of the partner's Kafka on which the partner writes."""
        return f"{self.folder.parent.name}-{self.id}.dit"

    @property
    def heard(self) -> str:
        """Topic of the partner's Kafka on which the hub writes."""
        return f"{self.folder.parent.name}-{self.id}.entendu"

    @property
    def temper(self) -> str:
        """Seed of the random choice of requests that a misbehaving partner treats badly."""
        return f"{self.seed}/{self.id}"

    @property
    def journal(self) -> Path:
        """Path of the partner's journal."""
        return self.folder / "journal.jsonl"

    @property
    def mood(self) -> Path:
        """Path of the file that says how the partner's servers are to misbehave; absent if they behave well."""
        return self.folder / "humeur.json"

    @property
    def manner(self) -> Path:
        """Path of the file that says how the partner is to send its answers badly; absent if it sends them well."""
        return self.folder / "manieres.json"

    @property
    def lost(self) -> Path:
        """Path of the file whose existence tells a reader of a list of households that it has lost its copy."""
        return self.folder / "copie-perdue"

    @property
    def merging(self) -> Path:
        """Path of the file whose existence tells the SIAO that they will be merged, so that they offer no demand to
        each other any more."""
        return self.folder.parent / "fusion"

    @property
    def ready(self) -> Path:
        """Path of the file that the program writes once its server listens."""
        return self.folder / "pret"


_ADAPTER = TypeAdapter(Config)


def load(path: Path) -> Config:
    """Read the configuration of a partner's program."""
    return _ADAPTER.validate_json(path.read_bytes())


def save(config: Config, path: Path) -> None:
    """Write the configuration of a partner's program."""
    path.write_bytes(_ADAPTER.dump_json(config, indent=2))
