"""A partner's entry in the registry: who it is, what it speaks, how it is reached.

The reviewed source is `deploy/partners*.toml`; `siao-hub partners apply` loads it.
"""

import re
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from contracts.reference.durees import Duree


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


class _Entree(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Secret = Annotated[str, Field(pattern=r"^(env:[A-Z][A-Z0-9_]*|file:/.+)$")]
"""Where a secret is, never the secret: `env:NAME` or `file:/absolute/path`."""


_NAME = re.compile(r"\w([\w-]{0,61}\w)?(\.\w([\w-]{0,61}\w)?)*\.?")


def _is_host(text: str) -> bool:
    """Whether this is a name or an IP address. A name does not end in a number: that is a mistyped address."""
    try:
        ip_address(text)
    except ValueError:
        last = text.rstrip(".").rpartition(".")[2]
        return len(text) <= 253 and bool(_NAME.fullmatch(text)) and not last.isdecimal()
    return True


def _host(text: str) -> str:
    if not _is_host(text):
        raise ValueError(
            "hôte invalide, attendu un nom (sftp.exemple.fr) ou une adresse IP, sans rien d'autre"
        )
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("URL invalide, port attendu entre 1 et 65535") from None
    if parts.scheme not in ("http", "https") or " " in text or not text.isprintable():
        raise ValueError("URL invalide, attendu https://… ou http://…, sans espace")
    if port == 0 or not _is_host(parts.hostname or ""):
        raise ValueError("URL invalide, attendu un nom ou une adresse IP, et un port entre 1 et 65535")
    return text


def _is_readable(url: str | None) -> bool:
    """Whether what goes to an address can be read on its way: not encrypted, and to another machine."""
    if url is None or urlsplit(url).scheme == "https":
        return False
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


Hote = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Url = Annotated[str, AfterValidator(_url)]
Delai = Annotated[float, Field(ge=0.1, le=300, allow_inf_nan=False)]
"""Seconds that an exchange with the partner may take in all."""
EnVol = Annotated[int, Field(ge=1, le=1024)]
"""Exchanges with the partner at the same time."""


PurgeJours = Annotated[int, Field(ge=0, le=30)]
"""Days after which the hub removes what it has put there; 0: the partner does, and has said so in writing."""


class ServeurSftp(_Entree):
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


class RefusDansReponse(_Entree):
    """How a partner says no inside a 2xx; without it, a 2xx is proof whatever its content says."""

    champ: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    """A field of its JSON (one object, or each of a list), or an element of its XML in whatever namespace."""
    valeurs: tuple[str, ...] = ()
    """What says no there, as written: `["ko", "rejeté"]`, `["false"]`, `["12"]`. Without any: every value but null,
    false, 0 and what is empty; in XML that the element is there."""


CLE = "{cle}"
"""Where a delivery's key goes in a `question`."""


class SortieHttp(_Entree):
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

    @property
    def leaves_in_clear(self) -> bool:
        """Whether what goes out can be read on its way to another machine."""
        return _is_readable(self.url) or _is_readable(self.question)

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


class SortieBoite(_Entree):
    """A mailbox that the partner empties over HTTP; for partners without a server."""

    type: Literal["boite"] = "boite"
    releve_h: Annotated[float, Field(gt=0, le=720, allow_inf_nan=False)] = 4.0
    """The partner looks into it at least every so many hours: what lies there longer is told to the hub's team."""
    delai_s: Delai = 10.0
    en_vol: EnVol = 256


StructuresScellees = Annotated[str, Field(pattern=r"^scelle:[A-Za-z0-9_-]+=*$")]
"""A list of structures under a key of the hub: `siao-hub partners sceller` writes it."""


class Limites(_Entree):
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


class Delais(_Entree):
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


class Partner(_Entree):
    """One partner. Immutable: a change is a new version of the registry."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
    nom: str
    famille: Famille
    territoire: str
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
    livraison: ClasseLivraison = ClasseLivraison.AUCUNE
    entree: EntreeSftp | None = None
    sortie: Annotated[SortieHttp | SortieSftp | SortieBoite, Field(discriminator="type")] | None = None

    def protects(self, structure: str | None) -> bool:
        """Whether this address is secret. Where the list could not be opened, that of every structure of its is."""
        sealed = isinstance(self.structures_protegees, str)
        return structure in (self.structures if sealed else self.structures_protegees)

    @model_validator(mode="after")
    def _coherent(self) -> "Partner":
        if self.sortie is not None and self.dialecte_sortant is None:
            raise ValueError(f"{self.id} : « dialecte_sortant » est obligatoire avec une sortie")
        protegees = self.structures_protegees
        if not isinstance(protegees, str) and not set(protegees) <= set(self.structures):
            raise ValueError(f"{self.id} : « structures_protegees » doit être pris dans « structures »")
        if self.entree is not None and self.entree.dialecte not in self.dialectes:
            raise ValueError(f"{self.id} : le dialecte de l'entrée SFTP n'est pas dans « dialectes »")
        no_question = isinstance(self.sortie, SortieHttp) and self.sortie.question is None
        if self.livraison is ClasseLivraison.INTERROGEABLE and no_question:
            raise ValueError(
                f"{self.id} : « interrogeable » exige « question » dans la sortie HTTP, l'URL où demander si une "
                f"clé est reçue (https://…/{CLE})"
            )
        return self
