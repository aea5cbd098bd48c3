"""Write alerts in the partners' dialects: the field table of all alerts, and their French explanation.

An alert about a silence has no explanation. In a table (CSV or workbook), the explanation has a column of its
own (`EXPLICATION`).
"""

from collections.abc import Mapping

from adapters.evenements import by_short_name
from adapters.objets import Champ, Objet
from contracts.base import Contrat
from contracts.explications import NOT_YOURS, explained, reminded, to_tell
from contracts.partner import Famille
from contracts.ports import View
from contracts.v1 import CONTRATS, alerte

ALERTES = by_short_name(
    alerte.AlerteAnomalie, alerte.AlerteConflit, alerte.AlerteEcheance, alerte.AlerteSilence
)
EXPLICATION = "explication"
"""Field with the French explanation of an alert."""


def event_name(value: str, view: View) -> str:
    """Turn the CloudEvents type of a message into the short name of this type. Return an unknown type
    unchanged."""
    return CONTRATS[value].NOM if value in CONTRATS else value


def told_motif(value: alerte.MotifAnomalie, view: View) -> str:
    """Return the reason of an alert as its recipient may read it. A reason that would reveal another
    partner's subject becomes SUJET_INCONNU (unknown subject); any other reason stays unchanged."""
    return alerte.MotifAnomalie.SUJET_INCONNU if value in NOT_YOURS else value


ALERTE = Objet(
    {
        "objet": Champ("objet", None, "l'envoi ou la place en cause, tel que vous le connaissez"),
        "nature": Champ("nature", None, "nature de l'objet : orientation, candidature, demande, place…"),
        "typeEnCause": Champ("type_evenement", None, "ce que vous aviez envoyé", event_name),
        "evenementEnCause": Champ(
            "evenement", None, "UUID de cet événement, comme dans GET /v1/messages/{id}"
        ),
        "motif": Champ("motif", None, "pourquoi, en un mot", told_motif),
        "etat": Champ("etat", None, "où en est l'objet"),
        "place": Champ("place", None, "la place disputée"),
        "echeance": Champ("echeance", None, "ce qui est attendu de vous : ACCUSE, DECISION, PRESENTATION…"),
        "etape": Champ("etape", None, "rappel (MI_DELAI, BIENTOT), délai passé (ECHUE, DEPASSEE)"),
        "attenduLe": Champ("due_le", None, "pour quand, date et heure"),
        "suite": Champ("suite", None, "conséquence du silence, s'il en a une"),
        "depuis": Champ("depuis", None, "date et heure depuis lesquelles aucun message n'est arrivé"),
    }
)


def with_alerts(evenements: Mapping[str, type[Contrat]]) -> Mapping[str, type[Contrat]]:
    """Return the events that a dialect writes, by short name: those in `evenements`, and all types of alert."""
    return {**evenements, **ALERTES}


def table_of(contrat: type[Contrat], evenement: Objet) -> Objet:
    """Return the field table for messages of the type `contrat`, without the fields that this type lacks. For
    an alert, this is the table that all dialects of JSON events share; for any other message, `evenement`,
    the dialect's own table."""
    return (ALERTE if contrat in ALERTES.values() else evenement).narrowed(contrat)


def explication(contrat: Contrat, famille: Famille | None) -> str | None:
    """Return the French explanation of an alert for a partner of the type `famille`. Return None for an alert
    about a silence, and for a message that is no alert."""
    if isinstance(contrat, alerte.AlerteEcheance):
        return reminded(contrat)
    if not isinstance(contrat, alerte.AlerteAnomalie | alerte.AlerteConflit):
        return None
    if contrat.motif in alerte.RECOMPOSED and famille is Famille.SIAO:
        return to_tell(contrat.addressee)
    etat, lacking = getattr(contrat, "etat", None), getattr(contrat, "manquants", ())
    why = explained(contrat.type_evenement, contrat.motif, etat, famille)
    where = getattr(contrat, "gestionnaire", None)
    told = f"{why} C'est « {where} »." if where else why
    return f"Il manque : {', '.join(lacking)}. {told}" if lacking else told
