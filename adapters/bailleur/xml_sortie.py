"""Write the XML that landlords receive, with a field table for each event."""

from collections.abc import Mapping, Sequence

from adapters.alertes import EXPLICATION, event_name, explication
from adapters.evenements import by_short_name, carried, single
from adapters.objets import Champ, Objet, write
from adapters.xml_table import boolean, coded, document, our_id, recoded
from contracts.envelope import Event
from contracts.ports import Native, View
from contracts.v1 import alerte, attribution, examen
from contracts.v1.attribution import Canal

NAMESPACE = "urn:siao-hub:bailleur:1"
VERSION = "01.00"

EVENEMENTS = by_short_name(
    attribution.CandidaturePresentee,
    attribution.CandidatureSurListe,
    attribution.CandidatureRetiree,
    attribution.CandidatureAccompagnement,
    examen.ExamenAvis,
    alerte.AlerteAnomalie,
    alerte.AlerteEcheance,
)
CANAUX: Mapping[str, str] = {
    Canal.ACCORD_COLLECTIF: "ACO",
    Canal.CONTINGENT: "CTG",
    Canal.CIL: "CIL",
    Canal.COLLECTIVITE: "COL",
    Canal.DIRECT: "DIR",
}

REFERENCE = Champ("candidature", None, "UUID de la candidature", our_id)
PERSONNE = Objet(
    {
        "nom": Champ("nom", None, "nom"),
        "prenom": Champ("prenom", None, "prénom"),
        "dateNaissance": Champ("date_naissance", None, "date de naissance"),
        "sexe": Champ("sexe", None, "F ou M", coded),
        "trancheAge": Champ("tranche_age", None, "tranche d'âge", coded),
    },
    cible="personnes",
    liste=True,
)
MENAGE = Objet(
    {
        "refMenage": Champ("id", None, "UUID du ménage", our_id),
        "numeroUnique": Champ("numero_unique", None, "numéro unique, 18 caractères"),
        "composition": Champ("composition", None, "liste « compositions »", coded),
        "adultes": Champ("adultes", None, "nombre d'adultes"),
        "enfants": Champ("enfants", None, "nombre d'enfants"),
        "personne": PERSONNE,
        "telephone": Champ("telephone", None, "téléphone"),
        "situation": Champ("situation", None, "liste « situationDemandes »", coded),
        "motif": Champ("motif", None, "liste « motifDemandes »", coded),
        "droitSejour": Champ("droit_sejour", None, "liste « droitSejours »", coded),
        "ressourcesMensuelles": Champ("ressources_mensuelles_euros", None, "en euros"),
        "accompagnement": Champ("accompagnement", None, "liste « mesureAccompagnement »", coded),
    },
    cible="menage",
)
EVALUATION = Objet(
    {
        "methode": Champ("methode", None, "méthode"),
        "dateRealisation": Champ("realisee_le", None, "date"),
        "dateFinValidite": Champ("valable_jusqu_au", None, "dernier jour où elle vaut"),
        "conclusion": Champ("conclusion", None, "conclusion"),
        "evaluateur": Champ("evaluateur", None, "toujours les mêmes mots"),
    },
    cible="evaluation",
)
PRESENTATION = Objet(
    {
        "refCandidature": REFERENCE,
        "bailleur": Champ("bailleur", None, "SIRET du bailleur"),
        "canal": Champ("canal", None, "titre de la présentation", recoded(CANAUX)),
        "convention": Champ("convention", None, "numéro de la convention, s'il y en a une"),
        "commune": Champ("commune", None, "code commune INSEE souhaité", coded),
        "logement": Champ("logement", None, "numéro RPLS du logement visé"),
        "typologie": Champ("typologie", None, "code « categoriePlaces » du logement visé"),
        "communeLogement": Champ("commune_logement", None, "code commune INSEE de ce logement", coded),
        "loyer": Champ("loyer", None, "tranche de son loyer, charges comprises"),
        "reservataire": Champ("reservataire", None, "pour qui il est réservé"),
        "horsCommission": Champ("hors_commission", None, "true si aucune commission ne l'attribue", boolean),
        "menage": MENAGE,
        "evaluation": EVALUATION,
    }
)
SUR_LISTE = Objet(
    {
        "refCandidature": REFERENCE,
        "bailleur": Champ("bailleur", None, "SIRET du collecteur"),
        "convention": Champ("convention", None, "numéro de la convention"),
        "liste": Champ("liste", None, "numéro de la liste"),
        "informeLe": Champ("informe_le", None, "jour où le ménage a su que son numéro vous est transmis"),
        "commune": Champ("commune", None, "code commune INSEE souhaité", coded),
        "menage": Objet(
            {
                name: MENAGE.champs[name]
                for name in ("refMenage", "numeroUnique", "composition", "adultes", "enfants")
            },
            cible="menage",
        ),
    }
)
ACCOMPAGNEMENT = Objet(
    {
        "refCandidature": REFERENCE,
        "accompagne": Champ("accepte", None, "true, ou false s'il ne l'est plus", boolean),
        "debutLe": Champ("debut_le", None, "début de l'accompagnement"),
    }
)
AVIS = Objet(
    {
        "refMenage": Champ("menage", None, "UUID du ménage, celui de sa présentation", our_id),
        "favorable": Champ("favorable", None, "avis du SIAO dans l'instance", boolean),
        "avisLe": Champ("avis_le", None, "date de cet avis"),
    }
)
A_SAVOIR = Objet(
    {
        "refCandidature": Champ("objet", None, "UUID de la candidature", our_id),
        "enCause": Champ(
            "type_evenement", None, "ce que vous aviez envoyé, ou ce qui a changé le ménage", event_name
        ),
    }
)
RAPPEL = Objet({"refCandidature": Champ("objet", None, "UUID de la candidature", our_id)})
ENREGISTREMENTS: Mapping[str, tuple[str, Objet]] = {
    "candidature.presentee": ("presentation", PRESENTATION),
    "candidature.presentee-sur-liste": ("presentationSurListe", SUR_LISTE),
    "candidature.retiree": ("retrait", Objet({"refCandidature": REFERENCE})),
    "candidature.accompagnement": ("accompagnement", ACCOMPAGNEMENT),
    "examen.avis": ("avisDuSiao", AVIS),
    "alerte.anomalie": ("aSavoir", A_SAVOIR),
    "alerte.echeance": ("rappel", RAPPEL),
}
"""XML element and field table of each event that landlords receive, by the event's short name."""


def encode(events: Sequence[Event], view: View) -> Native:
    """Write one event as a record in `<candidatures>`. `view`: the landlord, with the ids under which it
    knows subjects.

    Raises Unroutable for an event that landlords do not receive. Raises ValueError if `events` has no event,
    or several.
    """
    event = single(events)
    name, table = ENREGISTREMENTS[carried(event, EVENEMENTS)]
    champs = write(event.contrat, table, view)
    if (why := explication(event.contrat, view.partner.famille)) is not None:
        champs[EXPLICATION] = why
    ident = str(event.attributes.id)
    attributs = {"versionInterface": VERSION, "idMessage": ident}
    return Native(
        body=document("candidatures", attributs, NAMESPACE, name, champs),
        media_type="application/xml; charset=utf-8",
        filename=f"candidature_{ident}.xml",
    )
