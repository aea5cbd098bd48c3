"""Serve the HTTP routes by which a partner in a sandbox asks the simulated partners to act: to send it a
made-up household, or to take a step with a demand, a transfer or a household on a list."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, NamedTuple, Protocol, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from connectors.admission import Admissions
from connectors.answer import Answer, Stop
from connectors.caller import caller_of
from connectors.problem import problem
from connectors.problem_routes import ADDRESS_UNKNOWN
from contracts.partner import Partner
from ops.sandbox.steps import Pas, PasListe, PasTransfert
from router.domain.sandbox import NEIGHBOUR, sandbox_of
from router.intake.api import Routes
from router.intake.orientations_http import PATH as ORIENTATIONS

PATH = "/v1/bac-a-sable/orientation"
DEMANDS = "/v1/bac-a-sable/demande"
LIVE_LIST = "/v1/bac-a-sable/liste"
TRANSFERS = "/v1/bac-a-sable/transfert"


class Sent(NamedTuple):
    """The referral or candidacy that the simulated SIAO has sent. If the partner is an operator, this is a
    referral to the simulated shelter, and the partner is asked to accompany the household. Any other partner
    is itself the recipient."""

    id: UUID
    nature: str
    place: UUID | None = None


class Moved(NamedTuple):
    """A step that the simulated SIAO or shelter has taken with a demand of the partner."""

    id: UUID
    suite: Pas


class Listed(NamedTuple):
    """A step that the simulated SIAO has taken with a household on the list that the partner reads."""

    menage: UUID
    suite: PasListe


class Transferred(NamedTuple):
    """What the simulated SIAO or 115 has done about the demand `id`. `suite` says which of these it was: it
    sent the partner a new demand, it proposed to transfer a demand to the partner, it withdrew this proposal,
    or it answered a transfer that the partner had proposed."""

    id: UUID
    suite: PasTransfert


Played = TypeVar("Played", Sent, Moved, Listed, Transferred)


class NotSent(StrEnum):
    """The reason why a sandbox cannot do what a partner asks of it, such as to send it a made-up household.
    It is returned, not raised."""

    PAS_DESTINATAIRE = "pas_destinataire"
    PORTEUR = "porteur"
    SANS_STRUCTURE = "sans_structure"
    SANS_PLACE = "sans_place"
    PLACE_INCONNUE = "place_inconnue"
    PLACE_PRISE = "place_prise"
    PAS_PORTEUR = "pas_porteur"
    SANS_DEMANDE = "sans_demande"
    DEMANDE_INCONNUE = "demande_inconnue"
    SUITE_IMPOSSIBLE = "suite_impossible"
    SANS_LISTE = "sans_liste"
    HORS_LISTE = "hors_liste"
    PAS_SIAO = "pas_siao"
    SANS_TRANSFERT = "sans_transfert"
    TRANSFERT_IMPOSSIBLE = "transfert_impossible"


class Play(Protocol):
    """The actions that a partner, to test its software, may ask of the simulated partners in its sandbox. An
    action that cannot be done returns NotSent. Each action raises BusUnavailable if the database or Kafka
    does not answer, or if earlier messages of the sandbox are not applied in time; Throttled if too many
    events of the simulated partners are pending."""

    async def send(self, partner: Partner, known_as: str | None) -> Sent | NotSent:
        """Send the partner a made-up household, in the message that fits the partner's type: a candidacy to a
        landlord, a request for accompaniment to an operator, a referral to a manager. For a referral,
        `known_as` is the place's id, the partner's or the hub's. If it is None, the sandbox chooses a free
        place, else the partner's first structure. Return NotSent if the place is unknown or not free, or if
        the partner's type, structures or places allow no such message."""
        ...

    async def follow(self, partner: Partner, known_as: str | None, pas: Pas | None) -> Moved | NotSent:
        """Make the simulated SIAO or shelter take a step with a demand of the partner, and return this step.
        `known_as` is the demand's id, the partner's or the hub's. If it is None, the demand is the open one
        that has waited longest. `pas` names the step; None stands for the next one. Return NotSent if the
        partner sends no demands, if there is no such demand, or if the step is impossible."""
        ...

    async def hand_over(
        self, partner: Partner, known_as: str | None, pas: PasTransfert | None
    ) -> Transferred | NotSent:
        """Make the simulated 115 bring the partner a demand, or the simulated SIAO take a step in a transfer
        with the partner. Return what was done.

        If `known_as` is given, it is the id of a demand, the partner's or the hub's. `pas` is then the step
        to take in the transfer of this demand; None stands for the next one. Without `known_as`, `pas` alone
        says what to do:

        * `RECUE`: the simulated 115 sends the partner a new demand;
        * `TRANSFEREE` or None: the simulated SIAO proposes to transfer a new demand to the partner;
        * `RETIRE`: the simulated SIAO withdraws its oldest open proposal;
        * `ACCEPTE` or `REFUSE`: the simulated SIAO answers the partner's oldest open proposal.

        Return NotSent if the partner is no SIAO, if there is no such demand or proposal, or if the step is
        impossible.
        """
        ...

    async def inscribe(self, partner: Partner, menage: UUID | None) -> Listed | NotSent:
        """Make the simulated SIAO take the next step with a household on the list that the partner reads, and
        return this step. If `menage` is None, a made-up household is put on the list. Otherwise, `menage` is
        the id of a household on the list: the first call changes the data of this household, the second takes
        it off the list. Return NotSent if the partner reads no list, or if `menage` is not on the list."""
        ...


PROBLEMS: Mapping[NotSent, Answer] = {
    NotSent.PAS_DESTINATAIRE: problem(
        409,
        "pas-destinataire",
        "Votre famille ne reçoit pas d'orientation",
        "Un partenaire de votre famille ne reçoit du SIAO ni orientation, ni candidature, ni demande : le SIAO simulé "
        "n'a rien à vous envoyer. Envoyez vos messages ; GET /v1/messages/{id} dit ce qu'ils sont devenus.",
    ),
    NotSent.PORTEUR: problem(
        409,
        "demande-a-suivre",
        "Votre famille apporte des demandes",
        "Un partenaire de votre famille ne reçoit ni orientation ni candidature : il apporte des demandes, et apprend "
        f"leur suite. Envoyez demande.recue, puis POST {DEMANDS} : le SIAO simulé la fait avancer.",
    ),
    NotSent.SANS_STRUCTURE: problem(
        409,
        "structure-absente",
        "Aucune structure à votre entrée",
        "Votre entrée au registre n'a pas de SIRET auquel adresser un ménage : demandez à l'équipe du hub de "
        "l'ajouter (« structures »).",
    ),
    NotSent.SANS_PLACE: problem(
        409,
        "place-absente",
        "Aucune place libre",
        "Le SIAO simulé n'a nulle part où orienter un ménage : envoyez d'abord place.vacante, ou demandez à l'équipe "
        "du hub d'ajouter une structure à votre entrée.",
    ),
    NotSent.PLACE_INCONNUE: problem(
        404,
        "place-inconnue",
        "Place inconnue",
        "Aucune de vos places n'a cet identifiant : donnez dans « place » celui de votre place.vacante. Si vous venez "
        "de l'envoyer, recommencez dans une seconde.",
    ),
    NotSent.PLACE_PRISE: problem(
        409,
        "place-prise",
        "Place prise",
        "Cette place est réservée, occupée ou indisponible : répondez d'abord à l'orientation qui la tient "
        f"(GET {ORIENTATIONS} la cite), ou dites-la de nouveau vacante.",
    ),
    NotSent.PAS_PORTEUR: problem(
        409,
        "pas-de-demande",
        "Votre famille n'apporte pas de demande",
        "Un partenaire de votre famille n'apporte pas de demande au SIAO. S'il reçoit des ménages, appelez "
        f"POST {PATH} : le SIAO simulé en envoie un.",
    ),
    NotSent.SANS_DEMANDE: problem(
        409,
        "demande-absente",
        "Aucune demande ouverte",
        "Aucune de vos demandes n'est ouverte : envoyez d'abord demande.recue. Si vous venez de l'envoyer, recommencez "
        "dans une seconde.",
    ),
    NotSent.DEMANDE_INCONNUE: problem(
        404,
        "demande-inconnue",
        "Demande inconnue",
        "Aucune de vos demandes n'a cet identifiant : donnez dans « demande » celui de votre demande.recue. Si vous "
        "venez de l'envoyer, recommencez dans une seconde.",
    ),
    NotSent.SUITE_IMPOSSIBLE: problem(
        409,
        "suite-impossible",
        "Cette suite n'est pas possible",
        "La demande n'en est pas là : elle est close, ou « suite » ne va pas avec son état. Retirez « suite » : le "
        "SIAO simulé fait le pas suivant. Une demande close n'en a plus : envoyez-en une autre.",
    ),
    NotSent.SANS_LISTE: problem(
        409,
        "pas-de-liste",
        "Votre famille n'a pas de liste",
        "La liste des ménages prêts au logement va aux services de l'État seuls. Si vous recevez des ménages, appelez "
        f"POST {PATH} ; si vous en apportez, POST {DEMANDS}.",
    ),
    NotSent.HORS_LISTE: problem(
        404,
        "menage-hors-liste",
        "Ménage hors de la liste",
        "Aucun ménage de votre liste n'a cet identifiant, ou il l'a quittée : reprenez celui que vous avez reçu, ou "
        "retirez « menage » : un autre y entre. Si vous venez de le faire entrer, recommencez dans une seconde.",
    ),
    NotSent.PAS_SIAO: problem(
        409,
        "pas-un-siao",
        "Un transfert se fait entre SIAO",
        "Seul un SIAO transfère une demande, ou en reprend une. Si vous recevez des ménages, appelez "
        f"POST {PATH} ; si vous en apportez, POST {DEMANDS}.",
    ),
    NotSent.SANS_TRANSFERT: problem(
        409,
        "transfert-absent",
        "Aucun transfert en attente",
        "Aucune demande n'attend cette réponse : envoyez d'abord demande.transferee vers le territoire "
        f"{NEIGHBOUR}, ou retirez « suite ». Si vous venez de l'envoyer, recommencez dans une seconde.",
    ),
    NotSent.TRANSFERT_IMPOSSIBLE: problem(
        409,
        "transfert-impossible",
        "Cette suite n'est pas possible",
        "La demande n'en est pas là : elle est close, ou « suite » ne va pas avec son état. Le SIAO voisin accepte "
        "ou refuse celle que vous lui transférez ; il vous propose ou retire la sienne. Retirez « demande » : une "
        "autre arrive.",
    ),
}


class Choix(BaseModel):
    """The query parameters that choose the place to which a household is referred. A request with any other
    parameter is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str | None = Field(
        None,
        min_length=1,
        max_length=255,
        description="Votre identifiant de la place, ou celui du hub ; à défaut, celle qui est libre depuis le plus "
        "longtemps, sinon votre première structure",
    )


RULES: Mapping[str, str] = {
    "place": "Donnez 1 à 255 caractères : votre identifiant de la place.",
    "demande": "Donnez 1 à 255 caractères : votre identifiant de la demande.",
    "suite": f"Donnez {', '.join(Pas)} (d'un transfert : {', '.join(PasTransfert)}), ou rien : le pas suivant.",
    "menage": "Donnez l'identifiant du hub (UUID) du ménage, tel que vous l'avez reçu.",
}


class Suivi(BaseModel):
    """The query parameters that say which demand is meant, and what the simulated SIAO is to do with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    demande: str | None = Field(
        None,
        min_length=1,
        max_length=255,
        description="Votre identifiant de la demande, ou celui du hub ; à défaut, celle des vôtres, encore ouverte, "
        "qui attend depuis le plus longtemps",
    )
    suite: Pas | None = Field(
        None,
        description="Ce que le SIAO simulé en fait ; à défaut, le pas suivant : EVALUEE, ORIENTEE, POURVUE",
    )


class Cession(BaseModel):
    """The query parameters that choose a demand, and the step to take in its transfer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    demande: str | None = Field(
        None,
        min_length=1,
        max_length=255,
        description="Votre identifiant de la demande, ou celui du hub ; à défaut, un ménage inventé arrive, ou le "
        "transfert proposé depuis le plus longtemps reçoit sa suite",
    )
    suite: PasTransfert | None = Field(
        None,
        description="RECUE : le 115 simulé vous apporte une demande ; TRANSFEREE : le SIAO voisin vous en propose "
        "une ; RETIRE : il la reprend ; ACCEPTE, REFUSE : il répond à la vôtre. À défaut : TRANSFEREE, ou le pas "
        "suivant de la demande nommée",
    )


class Inscrit(BaseModel):
    """The query parameter that chooses a household on the partner's list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    menage: UUID | None = Field(
        None,
        description="Un ménage de votre liste, par l'identifiant reçu du hub ; à défaut, un autre y entre",
    )


class Liste(BaseModel):
    """Ce que le SIAO simulé vient de faire d'un ménage de votre liste de ménages prêts au logement."""

    menage: UUID = Field(description="Identifiant du hub du ménage")
    suite: PasListe = Field(description="Ce que vous allez en apprendre")


class Cedee(BaseModel):
    """Ce qui vient d'arriver à une demande qui va d'un SIAO à l'autre."""

    id: UUID = Field(description="Identifiant du hub de la demande")
    suite: PasTransfert = Field(description="Ce que vous allez en apprendre")


class Avance(BaseModel):
    """Ce que le SIAO simulé, ou le centre simulé, vient de faire d'une demande que vous avez envoyée par
    demande.recue."""

    id: UUID = Field(description="Identifiant du hub de la demande")
    suite: Pas = Field(description="Ce que vous allez en apprendre")


class Oriente(BaseModel):
    """Orientation ou candidature que le SIAO simulé vous envoie."""

    id: UUID = Field(description="Identifiant du hub, à suivre par GET /v1/orientations/{id}")
    nature: str = Field(description="orientation ou candidature")
    place: UUID | None = Field(
        description="Identifiant du hub de la place ; nul pour une structure ou une candidature"
    )


def sandbox_routes(play: Play, door: Admissions) -> Routes:
    """Return the routes that the gateway adds for partners in a sandbox. The routes call `play`, which plays
    the other partners."""
    routes = APIRouter(tags=["Bac à sable"])

    async def in_a_sandbox(partner: Annotated[Partner, Depends(caller_of(door))]) -> Partner:
        """Return the partner that makes the request. Raises Stop (404) if the partner is in no sandbox."""
        if sandbox_of(partner.id) is None:
            raise Stop(ADDRESS_UNKNOWN)
        return partner

    @routes.post(
        PATH, response_model=Oriente, status_code=202, operation_id="orienter_bac_a_sable",
        summary="Bac à sable : recevoir un ménage inventé",
    )  # fmt: skip
    async def orient(
        partner: Annotated[Partner, Depends(in_a_sandbox)], wanted: Annotated[Choix, Query()]
    ) -> Sent:
        """Le SIAO simulé oriente vers vous un ménage inventé, ou vous le présente si vous attribuez des
        logements. Vous recevez cet envoi comme une vraie livraison. 404 hors d'un bac à sable."""
        return _or_stop(await play.send(partner, wanted.place))

    @routes.post(
        DEMANDS, response_model=Avance, status_code=202, operation_id="suivre_bac_a_sable",
        summary="Bac à sable : faire avancer une demande",
    )  # fmt: skip
    async def follow(
        partner: Annotated[Partner, Depends(in_a_sandbox)], wanted: Annotated[Suivi, Query()]
    ) -> Moved:
        """Le SIAO simulé évalue une demande que vous avez envoyée, oriente le ménage vers un centre simulé, qui
        le reçoit : un pas à chaque appel. Vous recevez chaque pas comme une vraie livraison. 404 hors d'un bac
        à sable."""
        return _or_stop(await play.follow(partner, wanted.demande, wanted.suite))

    @routes.post(
        TRANSFERS, response_model=Cedee, status_code=202, operation_id="transferer_bac_a_sable",
        summary="Bac à sable : transférer une demande à un autre SIAO, ou en recevoir une",
    )  # fmt: skip
    async def hand_over(
        partner: Annotated[Partner, Depends(in_a_sandbox)], wanted: Annotated[Cession, Query()]
    ) -> Transferred:
        """Un SIAO voisin simulé vous propose une demande, ou répond à celle que vous lui transférez ; le 115
        simulé vous en apporte une. Vous recevez ce message comme une vraie livraison. 404 hors d'un bac à
        sable."""
        return _or_stop(await play.hand_over(partner, wanted.demande, wanted.suite))

    @routes.post(
        LIVE_LIST, response_model=Liste, status_code=202, operation_id="faire_vivre_la_liste_bac_a_sable",
        summary="Bac à sable : faire vivre la liste des ménages prêts au logement",
    )  # fmt: skip
    async def live(
        partner: Annotated[Partner, Depends(in_a_sandbox)], wanted: Annotated[Inscrit, Query()]
    ) -> Listed:
        """Sans paramètre, le SIAO simulé met un ménage inventé sur votre liste. Avec l'identifiant de ce ménage
        (« menage »), le premier appel l'actualise, le suivant le retire. Vous recevez chaque changement comme
        une vraie livraison. 404 hors d'un bac à sable."""
        return _or_stop(await play.inscribe(partner, wanted.menage))

    return Routes(routes, RULES)


def _or_stop(played: Played | NotSent) -> Played:
    if isinstance(played, NotSent):
        raise Stop(PROBLEMS[played])
    return played
