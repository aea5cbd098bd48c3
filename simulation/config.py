"""What a partner's program is told at its start, in one JSON file."""

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
    canal: str = "ACCORD_COLLECTIF"
    """Under which title households are presented to it."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A structure that chooses the place itself, as the SIAO knows it."""

    id: str
    finess: str


@dataclass(frozen=True, slots=True)
class Bringing:
    """A household that a partner brings `at_s` seconds after the start; it has the number of a place."""

    number: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Config:
    """One partner's program."""

    id: str
    folder: Path
    """Its own: journal, keys and SFTP folders are in there."""
    start: Path
    """Nothing is published before this file exists."""
    hub: str
    """URL of the hub."""
    api_key: str
    seed: int
    today: date
    port: int = 0
    """Where its own server listens; 0 for a partner without one."""
    secret: str = ""
    """Of the signatures on what it receives (`whsec_…`)."""
    places: tuple[Place, ...] = ()
    structures: tuple[str, ...] = ()
    """FINESS or SIRET of its own structures."""
    foreign: str = ""
    """The FINESS of somebody else, for a row that is wrong on purpose."""
    landlords: tuple[Landlord, ...] = ()
    pull_structure: str = ""
    """FINESS of the shelter to which the SIAO refers without naming a place."""
    receivers: tuple[Receiver, ...] = ()
    """Structures for those whom somebody else has brought."""
    operator: str = ""
    """SIRET of the operator whom the SIAO asks to accompany a household."""
    brings: tuple[Bringing, ...] = ()
    """Households that it brings."""
    bootstrap: str = ""
    """Of its own Kafka."""
    livraison: ClasseLivraison = ClasseLivraison.DEDUPLIQUE
    """What it promises about a delivery whose answer was lost."""
    delais: Mapping[str, str] = field(default_factory=dict)
    """What its entry says of its deadlines, where it has little time; it then leaves some referrals without answer."""

    @property
    def recognises(self) -> bool:
        """Whether what comes again under a known key has no second effect."""
        return self.livraison is ClasseLivraison.DEDUPLIQUE

    @property
    def said(self) -> str:
        """The topic of its own Kafka on which it speaks."""
        return f"{self.folder.parent.name}-{self.id}.dit"

    @property
    def heard(self) -> str:
        """The topic of its own Kafka on which the hub writes to it."""
        return f"{self.folder.parent.name}-{self.id}.entendu"

    @property
    def temper(self) -> str:
        """Seed of who feels its moods."""
        return f"{self.seed}/{self.id}"

    @property
    def journal(self) -> Path:
        """Its journal."""
        return self.folder / "journal.jsonl"

    @property
    def mood(self) -> Path:
        """How its web server answers, where somebody wants it to answer badly."""
        return self.folder / "humeur.json"

    @property
    def manner(self) -> Path:
        """How it sends its answers, where somebody wants it to send them badly."""
        return self.folder / "manieres.json"

    @property
    def ready(self) -> Path:
        """It writes this file once its server listens."""
        return self.folder / "pret"


_ADAPTER = TypeAdapter(Config)


def load(path: Path) -> Config:
    """Read a file."""
    return _ADAPTER.validate_json(path.read_bytes())


def save(config: Config, path: Path) -> None:
    """Write a file."""
    path.write_bytes(_ADAPTER.dump_json(config, indent=2))
