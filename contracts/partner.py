"""A partner's entry in the registry: who it is, what it speaks, how it is reached.

The reviewed source is `deploy/partners*.toml`; `siao-hub partners apply` loads it.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from contracts.entry import Delai, EnVol, Hote, Port, RefusDansReponse, Secret, Table, Url, is_readable
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.reference.durees import Duree
from contracts.rest import EntreeRest, SortieRest
from contracts.rythme import Fermeture, Rythme
from contracts.soap import SortieSoap


class Famille(StrEnum):
    """Partner families; one without a row in the privacy matrix receives nothing."""

    SIAO = "siao"
    HEBERGEMENT = "hebergement"
    LOGEMENT_ACCOMPAGNE = "logement_accompagne"
    BAILLEUR = "bailleur"
    CIL = "cil"
    CONTINGENT = "contingent"
    COLLECTIVITE = "collectivite"
    VEILLE_SOCIALE = "veille_sociale"
    PRESCRIPTEUR = "prescripteur"
    ACCOMPAGNEMENT = "accompagnement"
    SPIP = "spip"
    ARS = "ars"
    ASILE = "asile"
    BDOS = "bdos"


class ClasseLivraison(StrEnum):
    """What the hub may do when it cannot tell whether a delivery arrived."""

    DEDUPLIQUE = "deduplique"  # the partner deduplicates on our key: same key, same bytes again
    INTERROGEABLE = "interrogeable"  # ask it first, then decide
    AUCUNE = "aucune"  # never again by itself: a human decides


PurgeJours = Annotated[int, Field(ge=0, le=30)]
"""Days after which the hub removes what it has put there; 0: the partner does, and has said so in writing."""


class ServeurSftp(Table):
    """An SFTP server to which the hub connects as a client."""

    hote: Hote
    port: Port = 22
    utilisateur: str
    cle_privee: Secret
    cle_hote: str
    """The server's public key, as in `known_hosts` ("ssh-ed25519 AAAA…"): no trust on first use."""


class EntreeSftp(ServeurSftp):
    """A folder where the partner drops files."""

    type: Literal["sftp"] = "sftp"
    dossier: str
    dialecte: str
    archives: str = "archives"
    rapports: str = "rapports"
    purge_jours: PurgeJours = 7
    """For archives and reports."""
    intervalle_s: Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)] = 5.0
    stable_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 2.0
    """A file is complete when its size and date have not moved for this long (and it is no `.part`)."""


CLE = "{cle}"
"""Where a delivery's key goes in a `question`."""


class Lot(Table):
    """Deliveries that leave together, as the lines of one file or body. Without it each leaves alone."""

    lignes: Annotated[int, Field(ge=2, le=500)]
    """A lot leaves as soon as so many wait; it holds no more."""
    attente_s: Annotated[float, Field(ge=1, le=86_400, allow_inf_nan=False)]
    """Nor does the first of them wait longer than this; a deadline that is near makes it leave earlier."""


class SortieHttp(Table):
    """Deliveries by POST, signed after Standard Webhooks."""

    type: Literal["http"] = "http"
    url: Url
    secret: Secret
    question: Url | None = None
    """Where a GET tells whether a delivery arrived: an URL in which `{cle}` stands for its key."""
    en_clair: bool = False
    """Not encrypted although it goes to another machine: something else protects the line."""
    refus: RefusDansReponse | None = None
    """For a partner that answers 2xx also to what it refuses."""
    delai_s: Delai = 10.0
    en_vol: EnVol = 256
    lot: Lot | None = None

    @property
    def leaves_in_clear(self) -> bool:
        """Whether what goes out can be read on its way to another machine."""
        return is_readable(self.url) or is_readable(self.question)

    @field_validator("question")
    @classmethod
    def _asks_for_a_key(cls, question: str | None) -> str | None:
        if question is not None and CLE not in question:
            raise ValueError(f"« question » doit contenir {CLE}, à la place de la clé de la livraison")
        return question


class SortieSftp(ServeurSftp):
    """Deliveries as files, written under `.part` and renamed."""

    type: Literal["sftp"] = "sftp"
    dossier: str
    purge_jours: PurgeJours = 0
    """For deliveries; a partner that has not read them by then never will."""
    delai_s: Delai = 30.0
    en_vol: EnVol = 4
    lot: Lot | None = None


class SortieBoite(Table):
    """A mailbox that the partner empties over HTTP; for partners without a server."""

    type: Literal["boite"] = "boite"
    releve_h: Annotated[float, Field(gt=0, le=720, allow_inf_nan=False)] = 4.0
    """The partner looks into it at least every so many hours: what lies there longer is told to the hub's team."""
    delai_s: Delai = 10.0
    en_vol: EnVol = 256


def _kind(entree: object) -> object:
    """An entry without a `type` is a folder."""
    return entree.get("type", "sftp") if isinstance(entree, dict) else getattr(entree, "type", None)


Entree = Annotated[
    Annotated[EntreeSftp, Tag("sftp")]
    | Annotated[EntreeRest, Tag("rest")]
    | Annotated[EntreeKafka, Tag("kafka")],
    Discriminator(_kind),
]
"""How the hub fetches what a partner says."""
Sortie = Annotated[
    SortieHttp | SortieSftp | SortieBoite | SortieRest | SortieKafka | SortieSoap, Field(discriminator="type")
]
"""How a partner is delivered to."""
NOT_ASKED = (SortieRest, SortieKafka, SortieSoap)
"""Ways out on which nobody can be asked whether a key has arrived."""
StructuresScellees = Annotated[str, Field(pattern=r"^scelle:[A-Za-z0-9_-]+=*$")]
"""A list of structures under a key of the hub: `siao-hub partners sceller` writes it."""


class Limites(Table):
    """What one partner may take of the hub; beyond, it alone is asked to come back later (429, with Retry-After)."""

    requetes_simultanees: Annotated[int, Field(ge=1, le=4096)] = 64
    requetes_par_seconde: Annotated[float, Field(ge=0.1, le=100_000, allow_inf_nan=False)] = 100.0
    """In the long run; trials count like others."""
    rafale_requetes: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Requests that may come at once, after a quiet time."""
    corps_simultanes_mio: Annotated[int, Field(ge=40, le=80)] = 40
    """Its large bodies that are in memory at once, unpacked; no less than one of them may have."""
    evenements_en_attente: Annotated[int, Field(ge=2, le=100_000_000)] = 500_000
    """Events of it that are accepted and not applied yet. Its large files are decoded up to half of that."""


class Delais(Table):
    """How long one partner has, where an agreement says otherwise than the table of deadlines. What the law sets, and
    what is ours to do, is no matter of agreement."""

    accuse: Duree | None = None
    nuit: Duree | None = None
    decision: Duree | None = None
    liste_attente: Duree | None = None
    presentation: Duree | None = None
    commission: Duree | None = None
    condition: Duree | None = None
    bail: Duree | None = None
    accompagnement: Duree | None = None
    occupation: Duree | None = None
    vacance: Duree | None = None


class Partner(Table):
    """One partner. Immutable: a change is a new version of the registry."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
    nom: str
    famille: Famille
    territoire: Annotated[str, Field(pattern=r"^[^/]+$")]
    bac_a_sable: bool = False
    """In a sandbox: what it says goes to nobody but a SIAO that the hub plays. Its id says so too, for good."""
    structures: tuple[str, ...] = ()
    """FINESS or SIRET of the partner's own structures; it speaks for no other."""
    structures_protegees: tuple[str, ...] | StructuresScellees = ()
    """Its structures whose address is secret (victims of violence): C4 everywhere. Sealed wherever it rests; open in
    the memory of the hub alone, where they stand among `structures` too."""
    guichet_enregistreur: bool = False
    """A local authority that registers demands for social housing: it may read who is presented to it."""
    dialectes: tuple[str, ...] = ()
    """Dialects accepted from it; the first is the default where the sender names none."""
    dialecte_sortant: str | None = None
    profil: str | None = None
    """Column profile of a tabular dialect: one of the package, or of the folder that the settings name."""
    profil_externe: Annotated[str, Field(max_length=200_000)] | None = None
    """The TOML of that profile where it is not of the package: `partners apply` reads it, and every process has it."""
    cles_api: tuple[Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")], ...] = Field(
        default=(), max_length=2
    )
    """Hashes of its API keys; two at once, so that one can be changed without a gap."""
    tout_ou_rien: bool = False
    """A message with one bad row is refused whole."""
    limites: Limites = Limites()
    delais: Delais = Delais()
    rythme: Rythme | None = None
    fermetures: tuple[Fermeture, ...] = ()
    livraison: ClasseLivraison = ClasseLivraison.AUCUNE
    entree: Entree | None = None
    sortie: Sortie | None = None

    def protects(self, structure: str | None) -> bool:
        """Whether this address is secret. Where the list could not be opened, that of every structure of its is."""
        sealed = isinstance(self.structures_protegees, str)
        return structure in (self.structures if sealed else self.structures_protegees)

    @property
    def lot(self) -> Lot | None:
        """How its deliveries leave together; None where each leaves alone."""
        return self.sortie.lot if isinstance(self.sortie, SortieHttp | SortieSftp) else None

    @property
    def takes_sets(self) -> bool:
        """Whether one delivery to it may be several files."""
        return isinstance(self.sortie, SortieSftp)

    @property
    def can_be_asked(self) -> bool:
        """Whether its way out can tell if a delivery has arrived. What that is worth, `livraison` says."""
        answers = isinstance(self.sortie, SortieHttp) and self.sortie.question is not None
        return answers or isinstance(self.sortie, SortieSftp)

    @model_validator(mode="after")
    def _coherent(self) -> "Partner":
        if self.sortie is not None and self.dialecte_sortant is None:
            raise ValueError(f"{self.id} : « dialecte_sortant » est obligatoire avec une sortie")
        protegees = self.structures_protegees
        if not isinstance(protegees, str) and not set(protegees) <= set(self.structures):
            raise ValueError(f"{self.id} : « structures_protegees » doit être pris dans « structures »")
        if self.entree is not None and self.entree.dialecte not in self.dialectes:
            raise ValueError(f"{self.id} : le dialecte de l'entrée n'est pas dans « dialectes »")
        asked = self.livraison is ClasseLivraison.INTERROGEABLE
        if asked and isinstance(self.sortie, SortieHttp) and self.sortie.question is None:
            raise ValueError(
                f"{self.id} : « interrogeable » exige « question » dans la sortie HTTP, l'URL où demander si une "
                f"clé est reçue (https://…/{CLE})"
            )
        if asked and isinstance(self.sortie, NOT_ASKED):
            raise ValueError(
                f"{self.id} : une sortie « {self.sortie.type} » ne se laisse pas interroger ; choisissez "
                "« deduplique » ou « aucune »"
            )
        return self
