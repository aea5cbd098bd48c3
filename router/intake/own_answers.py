"""Define the bodies of the responses about a partner's own messages and deliveries, for the OpenAPI document."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class _Reponse(BaseModel):
    model_config = ConfigDict(frozen=True)


class MessageVu(_Reponse):
    """Un de vos messages : quand le hub l'a reçu, son état, et combien de ses lignes sont acceptées ou
    rejetées."""

    id: UUID = Field(description="Identifiant du message, donné à l'envoi")
    etat: str = Field(description="accepte, partiel, refuse ou en_cours")
    recu_le: datetime = Field(description="Quand le hub l'a reçu")
    dialecte: str = Field(description="Dialecte dans lequel il a été lu")
    acceptes: int = Field(description="Lignes acceptées")
    rejetes: int = Field(description="Lignes rejetées")


class Messages(_Reponse):
    """Liste de vos messages, du plus récent au plus ancien."""

    messages: list[MessageVu]
    suivant: UUID | None = Field(description="Valeur de « apres » pour la suite ; nul s'il n'y a plus rien")


class Rejet(_Reponse):
    """Refus d'une ligne de votre message, ou avertissement à son sujet."""

    ligne: int | None
    champ: str | None = Field(description="Votre nom du champ")
    code: str
    message: str = Field(description="Ce qui est faux, et que faire")
    reference: str | None = Field(
        None,
        description="Comment vous appelez ce dont parle une ligne acceptée ; d'une ligne refusée, rien n'est gardé",
    )


class LivraisonVue(_Reponse):
    """Une livraison, à l'un de ses destinataires, d'un événement de votre message."""

    id: UUID
    partenaire: str | None = Field(
        description="Son destinataire ; nul si un autre SIAO a repris le ménage que vous aviez apporté"
    )
    etat: str
    essais: int
    erreur: str | None = Field(description="Pourquoi elle attend ou a échoué ; nul si `partenaire` l'est")
    depuis: datetime
    regle_le: datetime | None


class EvenementVu(_Reponse):
    """Ce qu'est devenu un événement né de votre message."""

    ligne: int | None = Field(description="Sa ligne dans le message")
    reference: str | None = Field(
        description="Comment vous appelez ce dont il parle : votre identifiant, sinon celui du hub"
    )
    id: UUID
    type: str
    sujet: UUID = Field(
        description="Identifiant du hub de ce dont il parle ; d'un ménage, celui qu'il a pour vous seul"
    )
    source: str
    accepte_le: datetime
    etat: str
    raison: str | None
    explication: str | None = Field(description="Pourquoi il est sans effet, et que faire")
    repris_du_bus: bool
    livraisons: list[LivraisonVue]


class Sort(_Reponse):
    """Ce qu'un de vos messages est devenu : ses lignes, ses événements, ses livraisons."""

    id: UUID
    etat: str
    recu_le: datetime
    acceptes: int | None
    rejetes: int | None
    rejets: list[Rejet] | None
    avertissements: list[Rejet] | None
    a_corriger: str | None = Field(
        description="Où reprendre les lignes refusées d'un tableau, pour les corriger"
    )
    effet: str = Field(
        description="complet, partiel, aucun ou en_attente ; deja_envoye si tout y répète des événements déjà envoyés"
    )
    evenements: list[EvenementVu] = Field(
        description="Les 5 000 premiers au plus, chacun avec toutes ses livraisons"
    )
    evenements_par_etat: dict[str, int] = Field(
        description="Combien d'événements du message ont chaque état, aussi parmi ceux qui ne sont pas listés"
    )


class LivraisonEnEchec(_Reponse):
    """Une livraison du hub vers vous qui a échoué et qui attend une décision."""

    id: UUID = Field(description="Identifiant de la livraison : c'est aussi le « webhook-id » de l'envoi")
    type: str = Field(description="Type de l'événement")
    etat: str = Field(
        description="« refusee » : vous l'avez refusée ; « incertaine » : rien ne prouve son arrivée"
    )
    erreur: str | None = Field(description="Ce que le hub a conclu de votre réponse")
    essais: int = Field(description="Combien de fois elle est partie")
    depuis: datetime = Field(description="Quand l'événement vous a été destiné")


class Livraisons(_Reponse):
    """Les livraisons vers vous qui ont échoué et qui attendent une décision, de la plus ancienne à la plus
    récente."""

    livraisons: list[LivraisonEnEchec]


class Renvoi(_Reponse):
    """Confirmation que le hub va renvoyer la livraison."""

    id: UUID
    etat: str = Field(description="Toujours « en_attente »")
