"""The configuration of a partner's program, in one JSON file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from contracts.partner import ClasseLivraison
from simulation.places import Place


@dataclass(frozen=True, slots=True)
class Landlord:
    """A landlord as the SIAO knows it."""

    id: str
    siret: str
    canal: str = "DIRECT"
    """The title under which households are presented to it."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A structure that chooses the place of a household itself, as the SIAO knows it."""

    id: str
    finess: str


@dataclass(frozen=True, slots=True)
class Bringing:
    """A household that a partner brings `at_s` seconds after the start; it has the number of a place."""

    number: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of one partner's program."""

    id: str
    folder: Path
    """The partner's own folder, with its journal, keys and SFTP folders."""
    start: Path
    """File that gives the signal to begin: the program publishes nothing before it exists."""
    hub: str
    """URL of the hub."""
    api_key: str
    seed: int
    today: date
    port: int = 0
    """Port of its own server; 0 for a partner without one."""
    secret: str = ""
    """Secret of the signatures on deliveries to it (`whsec_…`)."""
    places: tuple[Place, ...] = ()
    structures: tuple[str, ...] = ()
    """FINESS or SIRET of its own structures."""
    foreign: str = ""
    """FINESS of another partner, for a row that is wrong on purpose."""
    landlords: tuple[Landlord, ...] = ()
    pull_structure: str = ""
    """FINESS of the shelter that collects from a mailbox; the SIAO refers to it without naming a place."""
    receivers: tuple[Receiver, ...] = ()
    """Structures for the households that other partners bring."""
    operator: str = ""
    """SIRET of the operator that the SIAO asks to support a household."""
    brings: tuple[Bringing, ...] = ()
    """Households that it brings."""
    bootstrap: str = ""
    """Address of its own Kafka."""
    livraison: ClasseLivraison = ClasseLivraison.DEDUPLIQUE
    """The partner's promise about a delivery whose answer was lost."""
    delais: Mapping[str, str] = field(default_factory=dict)
    """Short deadlines of its entry, if any; with one for its decision it leaves some referrals without an answer."""

    @property
    def recognises(self) -> bool:
        """Whether a repeated key has no second effect."""
        return self.livraison is ClasseLivraison.DEDUPLIQUE

    @property
    def said(self) -> str:
        """Topic of its own Kafka on which it writes."""
        return f"{self.folder.parent.name}-{self.id}.dit"

    @property
    def heard(self) -> str:
        """Topic of its own Kafka on which the hub writes to it."""
        return f"{self.folder.parent.name}-{self.id}.entendu"

    @property
    def temper(self) -> str:
        """Seed that decides which of the partner's requests are treated badly, while it has a mood."""
        return f"{self.seed}/{self.id}"

    @property
    def journal(self) -> Path:
        """Path of its journal."""
        return self.folder / "journal.jsonl"

    @property
    def mood(self) -> Path:
        """File that says how badly the partner's servers are to behave; absent if they behave well."""
        return self.folder / "humeur.json"

    @property
    def manner(self) -> Path:
        """File that says how badly the partner's answers are to be sent; absent if they are sent well."""
        return self.folder / "manieres.json"

    @property
    def lost(self) -> Path:
        """File that says that a reader of a list of households has lost its copy."""
        return self.folder / "copie-perdue"

    @property
    def merging(self) -> Path:
        """File that says that the SIAO are about to merge: they propose no demand to each other any more."""
        return self.folder.parent / "fusion"

    @property
    def ready(self) -> Path:
        """File that it writes once its server listens."""
        return self.folder / "pret"


_ADAPTER = TypeAdapter(Config)


def load(path: Path) -> Config:
    """Read a configuration."""
    return _ADAPTER.validate_json(path.read_bytes())


def save(config: Config, path: Path) -> None:
    """Write a configuration."""
    path.write_bytes(_ADAPTER.dump_json(config, indent=2))
