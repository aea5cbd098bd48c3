"""Configuration of a simulated partner's program, in one JSON file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from contracts.partner import ClasseLivraison
from simulation.places import Place


@dataclass(frozen=True, slots=True)
class Landlord:
    """Landlord to which the SIAO presents candidacies."""

    id: str
    siret: str
    canal: str = "DIRECT"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Structure to which the SIAO refers a household without naming a place."""

    id: str
    finess: str


@dataclass(frozen=True, slots=True)
class Bringing:
    """Household that a partner brings to the SIAO `at_s` seconds after the start. `number`: a simulated
    place's."""

    number: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Config:
    id: str
    folder: Path
    """The partner's own folder: journal, keys, and the folders of its SFTP server."""
    start: Path
    """File that gives the signal to begin: nothing is sent before it exists."""
    hub: str
    api_key: str
    seed: int
    today: date
    port: int = 0
    """Port of the partner's own server; 0 for none."""
    secret: str = ""
    """Secret with which the hub signs deliveries (`whsec_…`)."""
    places: tuple[Place, ...] = ()
    structures: tuple[str, ...] = ()
    """FINESS or SIRET of the partner's own structures."""
    foreign: str = ""
    """FINESS of another partner's structure, for a row that the hub must reject."""
    landlords: tuple[Landlord, ...] = ()
    pull_structure: str = ""
    """FINESS of the shelter with a mailbox, to which the SIAO refers without naming a place."""
    receivers: tuple[Receiver, ...] = ()
    """Structures to which the SIAO refers the households that others bring."""
    operator: str = ""
    """SIRET of the operator that the SIAO asks to support households."""
    brings: tuple[Bringing, ...] = ()
    bootstrap: str = ""
    livraison: ClasseLivraison = ClasseLivraison.DEDUPLIQUE
    delais: Mapping[str, str] = field(default_factory=dict)
    """Short deadlines in the registry entry. A partner with one for `decision` leaves some referrals
    unanswered."""

    @property
    def recognises(self) -> bool:
        """Whether the partner ignores a second delivery under the same key."""
        return self.livraison is ClasseLivraison.DEDUPLIQUE

    @property
    def said(self) -> str:
        """Kafka topic on which the partner writes."""
        return f"{self.folder.parent.name}-{self.id}.dit"

    @property
    def heard(self) -> str:
        """Kafka topic on which the hub writes."""
        return f"{self.folder.parent.name}-{self.id}.entendu"

    @property
    def temper(self) -> str:
        """Seed by which a misbehaving partner chooses the requests that it treats badly."""
        return f"{self.seed}/{self.id}"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def mood(self) -> Path:
        """File that says how the partner's servers misbehave, if it exists."""
        return self.folder / "humeur.json"

    @property
    def manner(self) -> Path:
        """File that says how the partner sends its answers badly, if it exists."""
        return self.folder / "manieres.json"

    @property
    def lost(self) -> Path:
        """File whose existence tells a reader of a list that it has lost its copy."""
        return self.folder / "copie-perdue"

    @property
    def merging(self) -> Path:
        """File whose existence tells the SIAO that they will be merged, and offer each other no more
        demands."""
        return self.folder.parent / "fusion"

    @property
    def ready(self) -> Path:
        """File that the program writes once its server listens."""
        return self.folder / "pret"


_ADAPTER = TypeAdapter(Config)


def load(path: Path) -> Config:
    return _ADAPTER.validate_json(path.read_bytes())


def save(config: Config, path: Path) -> None:
    path.write_bytes(_ADAPTER.dump_json(config, indent=2))
