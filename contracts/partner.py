"""Registry entry of a partner.

The reviewed source is `deploy/partners*.toml`; `siao-hub partners apply` loads it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from contracts.base import Nature
from contracts.entry import Delai, EnVol, Lot, Table
from contracts.http import CLE, SortieHttp
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.perimetre import Perimetre
from contracts.reference.codes import Reservataire
from contracts.reference.durees import Duree
from contracts.rest import EntreeRest, SortieRest
from contracts.rythme import Fermeture, Releve, Rythme
from contracts.sftp import EntreeSftp, SortieSftp
from contracts.sne import EntreeSne
from contracts.soap import SortieSoap


class Famille(StrEnum):
    """Type of partner. A partner whose type has no row in `router/domain/matrix.toml` receives nothing."""

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
"""Types of partners that manage places."""
HOLDERS: Mapping[Nature, frozenset[Famille]] = {
    Nature.PLACE: OFFERING | {Famille.SIAO},
    Nature.GROUPE_PLACES: OFFERING | {Famille.SIAO, Famille.VEILLE_SOCIALE},
}
"""Types of partners that may send the first message about a place or a group of places."""


def may_offer(nature: Nature | None, famille: Famille) -> bool:
    """Return whether partners of the type `famille` may send the first message about a subject of the kind
    `nature`. If `nature` is None, because the message type serves several kinds, return True."""
    return nature is None or nature not in HOLDERS or famille in HOLDERS[nature]


class Volet(StrEnum):
    """Service of a SIAO: urgence (emergency shelter) or insertion (other shelter and housing)."""

    URGENCE = "urgence"
    INSERTION = "insertion"


class ClasseLivraison(StrEnum):
    """Rule for deliveries whose outcome is unknown: the hub cannot tell whether they have arrived. By this
    rule, it sends such a delivery again, or first asks the partner whether it has it, or waits for a person
    to decide."""

    DEDUPLIQUE = "deduplique"  # send again, same key and bytes: the partner deduplicates on our key
    INTERROGEABLE = "interrogeable"  # ask the partner first, then decide
    AUCUNE = "aucune"  # never send again: a human decides


class SortieBoite(Table):
    """Settings for a partner without a server of its own. Its deliveries wait in its mailbox at the hub."""

    type: Literal["boite"] = "boite"
    releve_h: Annotated[float, Field(gt=0, le=720, allow_inf_nan=False)] = 4.0
    """Hours within which the partner empties its mailbox."""
    delai_s: Delai = 10.0
    en_vol: EnVol = 256


def _kind(entree: object) -> object:
    return entree.get("type", "sftp") if isinstance(entree, dict) else getattr(entree, "type", None)


Entree = Annotated[
    Annotated[EntreeSftp, Tag("sftp")]
    | Annotated[EntreeRest, Tag("rest")]
    | Annotated[EntreeKafka, Tag("kafka")]
    | Annotated[EntreeSne, Tag("sne")],
    Discriminator(_kind),
]
"""Transports by which the hub fetches a partner's messages."""
Sortie = Annotated[
    SortieHttp | SortieSftp | SortieBoite | SortieRest | SortieKafka | SortieSoap, Field(discriminator="type")
]
"""Transports by which the hub delivers to a partner."""
NOT_ASKED = (SortieRest, SortieKafka, SortieSoap)
"""Transports that cannot be asked whether a delivery has arrived."""
StructuresScellees = Annotated[str, Field(pattern=r"^scelle:[A-Za-z0-9_-]+=*$")]
"""Encrypted list of structures, as `siao-hub partners sceller` writes it."""


class Limites(Table):
    """Limits on a partner's use of the hub. A request beyond a limit gets 429 with Retry-After."""

    requetes_simultanees: Annotated[int, Field(ge=1, le=4096)] = 64
    requetes_par_seconde: Annotated[float, Field(ge=0.1, le=100_000, allow_inf_nan=False)] = 100.0
    rafale_requetes: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Requests allowed at once after a quiet time."""
    corps_simultanes_mio: Annotated[int, Field(ge=40, le=80)] = 40
    """Memory, in MiB, for the large bodies that the partner sends at the same time, once unpacked. It is at
    least the size of the largest body allowed."""
    evenements_en_attente: Annotated[int, Field(ge=2, le=100_000_000)] = 500_000
    """Number of pending and deferred events beyond which the hub takes no more messages from the partner. If
    the pending events alone exceed half of this number, the partner's large files wait."""


class Delais(Table):
    """Deadlines agreed with one partner. They replace those in `deadlines.toml`. Deadlines that the law sets
    cannot be replaced."""

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
"""Types of partners that may label households ready for housing."""

DECLARING = frozenset(
    {Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.PRESCRIPTEUR, Famille.ACCOMPAGNEMENT}
)
"""Types of partners that a SIAO may allow to declare households ready for housing (`Partner.declarants`)."""


class Labellisation(Table):
    """Rules by which a partner gives its label to households ready for housing in its perimeter. A label says
    that a household may have reserved dwellings."""

    avant_commission: bool = False
    """Whether a household needs the label before the landlord's commission meets. A household without label
    is presented all the same."""
    flux_delegue: bool = False
    """Whether the partner leaves its reserved housing to the SIAO, which presents labelled households."""


Territoire = Annotated[str, Field(pattern=r"^[^/]+$")]
"""Code of a département, or a name that begins with this code (`974-sud`)."""


class Reservation(Table):
    """Structures of a partner whose places are all reserved for one body (`pour`), such as the State."""

    structures: Annotated[tuple[str, ...], Field(min_length=1)]
    pour: Reservataire


class Partner(Table):
    """Registry entry of a partner. Each change makes a new version of the registry."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
    nom: str
    telephone: Annotated[str, Field(pattern=r"^\+?[0-9 .]{6,20}$")] | None = None
    """Telephone number that the SIAO calls if no answer comes."""
    famille: Famille
    territoire: Territoire
    """Main territory of the partner, whose public holidays and time zone apply to it. A message of the
    partner that names no commune in its territories belongs to this one."""
    autres_territoires: tuple[Territoire, ...] = ()
    perimetre: Perimetre | None = None
    """Part of its territories in which the partner works; None if it works in all of them."""
    volet: Volet | None = None
    """Service that a SIAO provides. None for a SIAO that provides both services, and for any partner that is
    no SIAO."""
    antenne_de: str | None = None
    """SIAO of which this partner is an antenna (a local office). Messages about the antenna's perimeter go to
    the antenna alone."""
    succede_a: tuple[str, ...] = ()
    """Other SIAO that will merge into this one. Until the merger, they receive the messages for their
    territories themselves."""
    bac_a_sable: bool = False
    """Whether the partner is in a sandbox: its messages reach only simulated partners."""
    structures: tuple[str, ...] = ()
    """FINESS or SIRET numbers of the partner's structures. Its messages may name no other structure, unless
    the partner is a SIAO or the State."""
    structures_protegees: tuple[str, ...] | StructuresScellees = ()
    """Structures that receive victims of violence. Their addresses are secret (class C4), and this list is
    stored encrypted."""
    structures_chrs: tuple[str, ...] = ()
    """Structures whose places have CHRS status (centre d'hébergement et de réinsertion sociale), unless a
    place's description says otherwise."""
    reservations: tuple[Reservation, ...] = ()
    """Bodies for which the places of some structures are reserved, unless a place's description says
    otherwise."""
    guichet_enregistreur: bool = False
    """Whether the partner is a local authority that registers demands for social housing, and may read which
    households are presented to it."""
    dialectes: tuple[str, ...] = ()
    """Dialects in which the partner may send. The first is the default."""
    dialecte_sortant: str | None = None
    profil: str | None = None
    """Name of the column profile for a tabular dialect."""
    profil_externe: Annotated[str, Field(max_length=200_000)] | None = None
    """TOML text of the partner's column profile, if the profile does not come with the hub. `partners apply`
    fills this field in."""
    cles_api: tuple[Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")], ...] = Field(
        default=(), max_length=2
    )
    """SHA-256 hashes of the partner's API keys. There are two only while the key is changed."""
    tout_ou_rien: bool = False
    """Whether the hub refuses a whole message of the partner because of one wrong row."""
    limites: Limites = Limites()
    delais: Delais = Delais()
    rythme: Rythme | None = None
    fermetures: tuple[Fermeture, ...] = ()
    liste: Releve | None = None
    """Days and hours at which the hub sends the whole list of households ready for housing; None for never."""
    labellisation: Labellisation | None = None
    """Rules by which the partner gives its label to households. If neither a household's SIAO nor any of its
    readers has such rules, every reader may label the household. Its readers are the partners that have it on
    their list."""
    declarants: tuple[Famille, ...] = ()
    """Types of partners that may declare households ready for housing to this SIAO. It confirms or refuses
    each declaration."""
    livraison: ClasseLivraison = ClasseLivraison.AUCUNE
    entree: Entree | None = None
    sortie: Sortie | None = None

    @property
    def territoires(self) -> tuple[str, ...]:
        """Return all territories of the partner, the main one first."""
        return (self.territoire, *self.autres_territoires)

    def reservataire_of(self, structure: str | None) -> Reservataire | None:
        """Return the body for which a structure's places are reserved; None if the registry entry names
        none."""
        return next((each.pour for each in self.reservations if structure in each.structures), None)

    def protects(self, structure: str | None) -> bool:
        """Return whether the address of a structure is secret. While the list `structures_protegees` is still
        encrypted, all structures of the partner count as secret."""
        sealed = isinstance(self.structures_protegees, str)
        return structure in (self.structures if sealed else self.structures_protegees)

    @property
    def lot(self) -> Lot | None:
        """Return the rule for sending deliveries together; None if each delivery is sent alone."""
        return self.sortie.lot if isinstance(self.sortie, SortieHttp | SortieSftp) else None

    @property
    def takes_sets(self) -> bool:
        """Return whether one delivery to this partner may consist of several files."""
        return isinstance(self.sortie, SortieSftp)

    @property
    def can_be_asked(self) -> bool:
        """Return whether the hub can ask this partner's server whether a delivery has arrived."""
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
        self.check_structures()
        if self.entree is not None and self.entree.dialecte not in self.dialectes:
            raise ValueError(f"{self.id} : le dialecte de l'entrée n'est pas dans « dialectes »")
        self._check_siao()
        self._check_question()
        return self

    def _check_siao(self) -> None:
        if self.famille is not Famille.SIAO and (self.volet or self.antenne_de or self.succede_a):
            raise ValueError(f"{self.id} : « volet », « antenne_de » et « succede_a » sont d'un SIAO")
        if self.antenne_de and self.perimetre is None:
            raise ValueError(f"{self.id} : une antenne a un « perimetre » : elle reçoit ce qui s'y trouve")

    def check_structures(self) -> None:
        """Check the lists of structures in the entry. Raises ValueError, in French, in two cases:

        * a list names a structure that the partner does not have;
        * `structures_chrs` or `reservations` names a structure with a secret address.

        Faults that concern secret addresses are not found while `structures_protegees` is encrypted. So call
        this function again once that list is decrypted.
        """
        protegees = self.structures_protegees
        secret = set() if isinstance(protegees, str) else set(protegees)
        if not secret <= set(self.structures):
            raise ValueError(f"{self.id} : « structures_protegees » doit être pris dans « structures »")
        reserved = [each for reservation in self.reservations for each in reservation.structures]
        for field, named in (("structures_chrs", self.structures_chrs), ("reservations", reserved)):
            if not set(named) <= set(self.structures) - secret:
                raise ValueError(
                    f"{self.id} : « {field} » se prend dans « structures », hors des structures protégées"
                )

    def _check_question(self) -> None:
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
