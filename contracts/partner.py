"""A partner's entry in the registry: its identity, its dialects, its addresses.

The reviewed source is `deploy/partners*.toml`; `siao-hub partners apply` loads it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from contracts.base import Nature
from contracts.entry import Delai, EnVol, Hote, Port, RefusDansReponse, Secret, Table, Url, is_readable
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.perimetre import Perimetre
from contracts.reference.codes import Reservataire
from contracts.reference.durees import Duree
from contracts.rest import EntreeRest, SortieRest
from contracts.rythme import Fermeture, Releve, Rythme
from contracts.soap import SortieSoap


class Famille(StrEnum):
    """Partner families. A family without a row in the privacy matrix receives nothing."""

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
    ETAT = "etat"
    BDOS = "bdos"


OFFERING = frozenset({Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.ARS})
"""Families that manage places."""
HOLDERS: Mapping[Nature, frozenset[Famille]] = {
    Nature.PLACE: OFFERING | {Famille.SIAO},
    Nature.GROUPE_PLACES: OFFERING | {Famille.SIAO, Famille.VEILLE_SOCIALE},
}
"""Families that may be the first to send a message about a place, or the figures of a group of places. The SIAO may
speak of any structure; a collector or the social observation opens nothing (duty C1)."""


def may_offer(nature: Nature | None, famille: Famille) -> bool:
    """Tell whether a family may open a subject of this kind. True for every kind that is no offer of
    places."""
    return nature is None or nature not in HOLDERS or famille in HOLDERS[nature]


class Volet(StrEnum):
    """Desk of a SIAO (urgence or insertion), for a SIAO that has two."""

    URGENCE = "urgence"
    INSERTION = "insertion"


class ClasseLivraison(StrEnum):
    """Ways in which the hub may act if it cannot tell whether a delivery arrived: send it again, ask, or do
    neither."""

    DEDUPLIQUE = "deduplique"  # send again, same key and bytes: the partner deduplicates on our key
    INTERROGEABLE = "interrogeable"  # ask the partner first, then decide
    AUCUNE = "aucune"  # never send again: a human decides


PurgeJours = Annotated[int, Field(ge=0, le=30)]
"""Days after which the hub removes the files that it wrote. 0 if the partner removes them, by written
agreement."""


class ServeurSftp(Table):
    """SFTP server to which the hub connects."""

    hote: Hote
    port: Port = 22
    utilisateur: str
    cle_privee: Secret
    cle_hote: str
    """Server's public key, as in `known_hosts` ("ssh-ed25519 AAAA…"). No other key is trusted, not even at
    first use."""


class EntreeSftp(ServeurSftp):
    """Folder in which the partner leaves files for the hub."""

    type: Literal["sftp"] = "sftp"
    dossier: str
    dialecte: str
    archives: str = "archives"
    rapports: str = "rapports"
    purge_jours: PurgeJours = 7
    """Days after which the hub removes archives and reports."""
    intervalle_s: Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)] = 5.0
    stable_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 2.0
    """Seconds without a change of size or date after which a file is complete. A `.part` file never is."""


CLE = "{cle}"
"""Placeholder in a `question` for the key of a delivery."""


class Lot(Table):
    """Rule by which several deliveries leave together, as the lines of one file or body. Without this table
    each delivery leaves alone."""

    lignes: Annotated[int, Field(ge=2, le=500)]
    """Largest number of deliveries in a lot. A lot leaves as soon as that many wait."""
    attente_s: Annotated[float, Field(ge=1, le=86_400, allow_inf_nan=False)]
    """Longest time, in seconds, that the first delivery of a lot waits. A near deadline makes the lot leave
    earlier."""


class SortieHttp(Table):
    """Deliveries by HTTP POST, signed after Standard Webhooks."""

    type: Literal["http"] = "http"
    url: Url
    secret: Secret
    question: Url | None = None
    """URL whose GET tells whether a delivery arrived; `{cle}` in it stands for the key of the delivery."""
    en_clair: bool = False
    """Permission to speak unencrypted with another machine, because something else protects the connection."""
    refus: RefusDansReponse | None = None
    """Sign of a refusal, for a partner that answers 2xx also to deliveries that it refuses."""
    delai_s: Delai = 10.0
    en_vol: EnVol = 256
    lot: Lot | None = None

    @property
    def leaves_in_clear(self) -> bool:
        """Tell whether deliveries could be read on their way to another machine."""
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
    """Days after which the hub removes deliveries, whether or not they were read."""
    delai_s: Delai = 30.0
    en_vol: EnVol = 4
    lot: Lot | None = None


class SortieBoite(Table):
    """Mailbox that the partner empties over HTTP; for partners without a server."""

    type: Literal["boite"] = "boite"
    releve_h: Annotated[float, Field(gt=0, le=720, allow_inf_nan=False)] = 4.0
    """Hours within which the partner empties its mailbox. The hub's team is notified of older deliveries."""
    delai_s: Delai = 10.0
    en_vol: EnVol = 256


def _kind(entree: object) -> object:
    """Return the `type` of an `entree` in a partner's entry; "sftp" if it has none."""
    return entree.get("type", "sftp") if isinstance(entree, dict) else getattr(entree, "type", None)


Entree = Annotated[
    Annotated[EntreeSftp, Tag("sftp")]
    | Annotated[EntreeRest, Tag("rest")]
    | Annotated[EntreeKafka, Tag("kafka")],
    Discriminator(_kind),
]
"""Ways by which the hub fetches a partner's messages."""
Sortie = Annotated[
    SortieHttp | SortieSftp | SortieBoite | SortieRest | SortieKafka | SortieSoap, Field(discriminator="type")
]
"""Ways by which the hub delivers to a partner."""
NOT_ASKED = (SortieRest, SortieKafka, SortieSoap)
"""Kinds of `sortie` that cannot be asked whether the delivery with a key has arrived."""
StructuresScellees = Annotated[str, Field(pattern=r"^scelle:[A-Za-z0-9_-]+=*$")]
"""List of structures sealed under a key of the hub; `siao-hub partners sceller` writes it."""


class Limites(Table):
    """Share of the hub that one partner may use. Above it, this partner alone gets 429 with Retry-After."""

    requetes_simultanees: Annotated[int, Field(ge=1, le=4096)] = 64
    requetes_par_seconde: Annotated[float, Field(ge=0.1, le=100_000, allow_inf_nan=False)] = 100.0
    """Requests a second in the long run, dry runs included."""
    rafale_requetes: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Number of requests accepted at once after a quiet time."""
    corps_simultanes_mio: Annotated[int, Field(ge=40, le=80)] = 40
    """MiB of the partner's large bodies that may be in memory at once, unpacked; never less than the largest
    body allowed."""
    evenements_en_attente: Annotated[int, Field(ge=2, le=100_000_000)] = 500_000
    """Limit on events of this partner that are accepted and not applied yet. Large files are only decoded
    while fewer than half this number are pending."""


class Delais(Table):
    """Durations agreed with one partner, in place of those in the table of deadlines. Durations set by law, and
    those of the hub's own duties, cannot be changed by agreement."""

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
    transfert: Duree | None = None
    liste: Duree | None = None


LABELLING = (Famille.SIAO, Famille.CONTINGENT)
"""Families that may label households ready for housing: say that they qualify for the prefect's reserved
housing."""

DECLARING = frozenset(
    {Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.PRESCRIPTEUR, Famille.ACCOMPAGNEMENT}
)
"""Families that may declare households ready for housing to a SIAO whose entry names them (`declarants`)."""


class Labellisation(Table):
    """How a partner labels the households ready for housing in its perimeter."""

    avant_commission: bool = False
    """Whether the partner must label a household before a landlord's commission sees it. A household
    presented without a label is sent all the same, as in an emergency, and the label is still awaited."""
    flux_delegue: bool = False
    """Whether the partner leaves its share of the reserved housing (its flow) to the SIAO. Then the partner
    designates nobody, and the SIAO itself presents the households that are labelled."""


Territoire = Annotated[str, Field(pattern=r"^[^/]+$")]
"""The name of a territory: the code of its département, or a name that begins with it (`974-sud`)."""


class Reservation(Table):
    """Structures whose places are reserved for one body. For most residences that body is fixed (duty C4)."""

    structures: Annotated[tuple[str, ...], Field(min_length=1)]
    pour: Reservataire


class Partner(Table):
    """Partner's entry. Immutable: a change makes a new version of the registry."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
    nom: str
    telephone: Annotated[str, Field(pattern=r"^\+?[0-9 .]{6,20}$")] | None = None
    """Telephone number of its office, which the SIAO calls if no answer comes."""
    famille: Famille
    territoire: Territoire
    """Territory in which the partner works. If it works in several, this one gives its calendar, and the
    territory of messages without a commune."""
    autres_territoires: tuple[Territoire, ...] = ()
    """Other territories in which the partner works; a hospital, a landlord or the OFII may have some."""
    perimetre: Perimetre | None = None
    """Part of its territories in which it works; None means all of them."""
    volet: Volet | None = None
    """Desk of a SIAO, emergency or insertion; None for both."""
    antenne_de: str | None = None
    """SIAO to which this antenna belongs. The antenna alone receives the messages about its perimeter."""
    succede_a: tuple[str, ...] = ()
    """SIAO that will merge into this one. Until the merger, this one receives no message that one of those
    SIAO receives."""
    bac_a_sable: bool = False
    """Whether the partner is in a sandbox: its messages reach only partners that the hub simulates. The
    partner's id begins with the prefix of sandboxes too, and an id never changes."""
    structures: tuple[str, ...] = ()
    """FINESS or SIRET of the partner's own structures. It may speak for no other structure."""
    structures_protegees: tuple[str, ...] | StructuresScellees = ()
    """Structures of the partner whose address is secret (victims of violence): in messages, they are always
    C4. The list is sealed at rest, and in clear only in the memory of the hub, where `structures` holds them
    too."""
    structures_chrs: tuple[str, ...] = ()
    """Structures whose places have CHRS status unless the place itself says otherwise. For places of other
    structures the status is unknown."""
    reservations: tuple[Reservation, ...] = ()
    """Bodies for which the places of its structures are reserved, unless a place itself says otherwise."""
    guichet_enregistreur: bool = False
    """Whether the partner is a local authority that registers demands for social housing. It may then read
    which households are presented to it."""
    dialectes: tuple[str, ...] = ()
    """Dialects accepted from the partner. The first is the default if the sender names none."""
    dialecte_sortant: str | None = None
    profil: str | None = None
    """Column profile of a tabular dialect: one of the package, or of the folder named in the settings."""
    profil_externe: Annotated[str, Field(max_length=200_000)] | None = None
    """TOML of a column profile from outside the package. `partners apply` reads it, and every process
    receives it."""
    cles_api: tuple[Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")], ...] = Field(
        default=(), max_length=2
    )
    """Hashes of the partner's API keys. Two are possible at a time, so that one can be replaced without an
    interruption."""
    tout_ou_rien: bool = False
    """Whether a message with one wrong row is refused as a whole."""
    limites: Limites = Limites()
    delais: Delais = Delais()
    rythme: Rythme | None = None
    fermetures: tuple[Fermeture, ...] = ()
    liste: Releve | None = None
    """Days and hours at which a reader of the list of households ready for housing receives the whole list."""
    labellisation: Labellisation | None = None
    """How the partner labels the households ready for housing. Where no partner's entry has this table, every
    reader of the list labels."""
    declarants: tuple[Famille, ...] = ()
    """Families whose partners may declare households ready for housing to this SIAO. The SIAO confirms each
    household."""
    livraison: ClasseLivraison = ClasseLivraison.AUCUNE
    entree: Entree | None = None
    sortie: Sortie | None = None

    @property
    def territoires(self) -> tuple[str, ...]:
        """All territories in which the partner works, its main one first."""
        return (self.territoire, *self.autres_territoires)

    def reservataire_of(self, structure: str | None) -> Reservataire | None:
        """Return the body for which the places of a structure are reserved; None if the entry does not say."""
        return next((each.pour for each in self.reservations if structure in each.structures), None)

    def protects(self, structure: str | None) -> bool:
        """Tell whether the address of a structure is secret.

        If the sealed list could not be opened, every structure of the partner counts as secret.
        """
        sealed = isinstance(self.structures_protegees, str)
        return structure in (self.structures if sealed else self.structures_protegees)

    @property
    def lot(self) -> Lot | None:
        """The rule by which deliveries leave together; None if each leaves alone."""
        return self.sortie.lot if isinstance(self.sortie, SortieHttp | SortieSftp) else None

    @property
    def takes_sets(self) -> bool:
        """Tell whether one delivery to this partner may consist of several files."""
        return isinstance(self.sortie, SortieSftp)

    @property
    def can_be_asked(self) -> bool:
        """Tell whether the hub can ask this partner's system whether a delivery has arrived. The partner's
        delivery class (`livraison`) says what the answer is worth."""
        answers = isinstance(self.sortie, SortieHttp) and self.sortie.question is not None
        return answers or isinstance(self.sortie, SortieSftp)

    @model_validator(mode="after")
    def _coherent(self) -> "Partner":
        if self.sortie is not None and self.dialecte_sortant is None:
            raise ValueError(f"{self.id} : « dialecte_sortant » est obligatoire avec une sortie")
        if self.liste is not None and self.sortie is None:
            raise ValueError(f"{self.id} : « liste » demande une sortie, par où la liste part")
        if self.labellisation is not None and self.famille not in LABELLING:
            raise ValueError(
                f"{self.id} : « labellisation » est d'un SIAO ou d'un lecteur de la liste (contingent)"
            )
        if self.declarants and (
            self.famille is not Famille.SIAO or not DECLARING.issuperset(self.declarants)
        ):
            raise ValueError(
                f"{self.id} : « declarants » est d'un SIAO, et se prend dans {sorted(DECLARING)}"
            )
        protegees = self.structures_protegees
        if not isinstance(protegees, str) and not set(protegees) <= set(self.structures):
            raise ValueError(f"{self.id} : « structures_protegees » doit être pris dans « structures »")
        if any(each not in self.structures or self.protects(each) for each in self.structures_chrs):
            raise ValueError(
                f"{self.id} : « structures_chrs » se prend dans « structures », hors des structures protégées"
            )
        reserved = [each for reservation in self.reservations for each in reservation.structures]
        if any(each not in self.structures or self.protects(each) for each in reserved):
            raise ValueError(
                f"{self.id} : « reservations » se prend dans « structures », hors des structures protégées"
            )
        if self.entree is not None and self.entree.dialecte not in self.dialectes:
            raise ValueError(f"{self.id} : le dialecte de l'entrée n'est pas dans « dialectes »")
        self._check_siao()
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

    def _check_siao(self) -> None:
        if self.famille is not Famille.SIAO and (self.volet or self.antenne_de or self.succede_a):
            raise ValueError(f"{self.id} : « volet », « antenne_de » et « succede_a » sont d'un SIAO")
        if self.antenne_de and self.perimetre is None:
            raise ValueError(f"{self.id} : une antenne a un « perimetre » : elle reçoit ce qui s'y trouve")
