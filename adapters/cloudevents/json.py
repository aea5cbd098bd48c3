"""Dialect of CloudEvents 1.0 in structured mode: one JSON object holds the event's attributes, and our
contract as its `data`.

A partner cites places, groups of places, households, demands and reports by its own ids. It cites referrals
by the hub's ids, and candidacies by the hub's ids or a cited number. The State cites places by the hub's ids
too. Every type of partner but the SIAO may use this dialect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import to_json

from adapters.acte import CONVENTIONS, CONVENTIONS_DU_HUB, DEROGATIONS, DEROGATIONS_DU_HUB, PLACES_DU_HUB
from adapters.alertes import ALERTE, ALERTES, EXPLICATION, explication
from adapters.cloudevents.tables import fields
from adapters.declaration import MEDIA_TYPES, Declaration
from adapters.evenements import by_short_name, carried, single
from adapters.messages import Dialecte
from adapters.objets import Champ, Objet, write
from adapters.rejets import Illisible
from contracts.base import Contrat
from contracts.envelope import Event
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View
from contracts.v1 import (
    CONTRATS,
    aide_sociale,
    attribution,
    convention,
    daho,
    demande,
    examen,
    observation,
    occupation,
    orientation,
    place,
    pret_logement,
    suite,
    suivi,
    transfert,
)

SPECVERSION = "1.0"
SOURCE = "urn:siao-hub"
FORMAT = "cloudevents.json"

OF_OTHERS = frozenset({"menage", "observation", "alerte", "echeance", "livraison"})
"""Domains (first words of short names) whose messages this dialect does not read. They come from the SIAO,
the hub or the BDOS (national base of social observation). The messages in `OF_READERS` are read all the
same."""
OF_READERS = (
    *(pret_logement.ListeRepondue, pret_logement.ListeDemandee),
    *(pret_logement.PretLogementDeclare, pret_logement.PretLogementRetire),
)
"""Messages that partners send about the list of households ready for housing. Readers of the list send the
first two; partners that declare such households send the others."""
OF_THE_SIAO: frozenset[type[Contrat]] = frozenset(
    {
        place.PlaceReservee,
        place.PlaceRetenue,
        demande.SignalementTraite,
        demande.EvaluationDemandee,
        demande.DemandeEvaluee,
        demande.DemandeNonPourvue,
        demande.DemandeTransferee,
        transfert.DemandeTransfertAccepte,
        transfert.DemandeTransfertRefuse,
        transfert.DemandeTransfertRetire,
        demande.DemandeSuite,
        demande.DemandePlaceTrouvee,
        orientation.OrientationProposee,
        orientation.OrientationAnnulee,
        *(suite.AccompagnementDemande, suivi.SuiviDemande, suivi.SuiviRetire),
        attribution.CandidaturePresentee,
        attribution.CandidatureSurListe,
        attribution.CandidatureRetiree,
        *(daho.DahoOriente, daho.DahoAccueilli, examen.ExamenAvis),
    }
)
OF_THE_HUB = frozenset(
    {
        *(*CONVENTIONS_DU_HUB, *DEROGATIONS_DU_HUB, convention.ConventionQuart, suite.AdmissionHorsSiao),
        *(aide_sociale.AideSocialeReputeeAcceptee, daho.DahoHorsDelai),
        attribution.CandidatureAccompagnement,
    }
)
ENTRANTS = tuple(
    contrat
    for contrat in CONTRATS.values()
    if contrat in OF_READERS or (contrat.DOMAINE not in OF_OTHERS and contrat not in OF_THE_SIAO | OF_THE_HUB)
)
SORTANTS: Mapping[str, type[Contrat]] = by_short_name(
    orientation.OrientationProposee,
    *(orientation.OrientationAnnulee, orientation.OrientationRefusee),
    *(suite.AccompagnementDemande, suivi.SuiviDemande, suivi.SuiviRetire),
    aide_sociale.AideSocialeDemandee,
    aide_sociale.AideSocialeProlongationDemandee,
    aide_sociale.AideSocialeCompletee,
    aide_sociale.AideSocialeRecue,
    aide_sociale.AideSocialeRepondue,
    aide_sociale.AideSocialeReputeeAcceptee,
    *(daho.DahoOriente, daho.DahoAccueilli, daho.DahoHorsDelai, examen.ExamenAvis),
    demande.EvaluationDemandee,
    demande.DemandeNonPourvue,
    demande.DemandeSuite,
    demande.DemandePlaceTrouvee,
    demande.SignalementTraite,
    place.PlaceVacante,
    place.PlaceRetenue,
    place.PlaceLiberee,
    place.PlaceOccupee,
    place.PlaceIndisponible,
    place.PlaceDisponible,
    place.PlaceFermee,
    pret_logement.PretLogementDeclare,
    pret_logement.PretLogementActualise,
    pret_logement.PretLogementRetire,
    pret_logement.PretLogementRepondu,
    pret_logement.ListeRepondue,
    attribution.CandidaturePresentee,
    attribution.CandidatureSurListe,
    attribution.CandidatureRetiree,
    attribution.CandidatureAccompagnement,
    observation.ObservationEnregistrement,
    occupation.OccupationReleve,
    suite.AdmissionHorsSiao,
    *(*CONVENTIONS, *DEROGATIONS, *CONVENTIONS_DU_HUB, *DEROGATIONS_DU_HUB, convention.ConventionQuart),
    *ALERTES.values(),
)


def _specversion(value: Any) -> None:
    if value != SPECVERSION:
        raise Illisible("version_inconnue", f"version inconnue de CloudEvents : écrivez {SPECVERSION}")


def _event(contrat: type[Contrat], **other: Champ) -> Objet:
    version = Champ("specversion", _specversion, SPECVERSION)
    return Objet({"specversion": version, "data": Objet({**fields(contrat), **other})}, ferme=False)


TABLES = {contrat.TYPE: _event(contrat) for contrat in ENTRANTS}
WRITTEN = {
    name: ALERTE.narrowed(contrat) if name in ALERTES else Objet(fields(contrat))
    for name, contrat in SORTANTS.items()
}
EVENEMENTS = Dialecte(
    "id",
    entrants={contrat.TYPE: contrat for contrat in ENTRANTS},
    sortants=SORTANTS,
    tables=TABLES,
    citants=tuple(
        TABLES[contrat.TYPE]
        for contrat in (demande.DemandeRecue, orientation.OrientationAccusee, attribution.CandidatureAccusee)
    ),
)
GRANTED = convention.DerogationAccordee
OF_THE_STATE = replace(EVENEMENTS, tables={**TABLES, GRANTED.TYPE: _event(GRANTED, **PLACES_DU_HUB)})
"""Dialect in which the hub reads the State's messages. The State manages no place, so it cites each place by
the hub's id."""
DECLARATION = Declaration(
    nom="cloudevents_json",
    familles=tuple(famille for famille in Famille if famille is not Famille.SIAO),
    lit=ENTRANTS,
    ecrit=tuple(SORTANTS.values()),
    formats_lus=("json",),
    formats_ecrits=(FORMAT,),
    lit_plusieurs=True,
    ecrit_au_plus=1,
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Read one CloudEvent, or an array of at least one. Raises InvalidNative for anything else."""
    read = OF_THE_STATE if partner.famille is Famille.ETAT else EVENEMENTS
    return read.decode(native, partner)


def encode(events: Sequence[Event], view: View) -> Native:
    """Write one event as a CloudEvent. Its source is the hub, so that the sender stays unknown. Raises
    Unroutable for an event that the dialect does not write. Raises ValueError if `events` has no event, or
    several."""
    event = single(events)
    name, attributes = carried(event, SORTANTS), event.attributes
    subject = view.id_of(event.contrat.sujet)
    written = {
        "specversion": SPECVERSION,
        "id": str(attributes.id),
        "source": SOURCE,
        "type": attributes.type,
        "subject": subject,
        "time": attributes.time.isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": data_of(event, view),
    }
    filename = f"{name.split('.')[0]}_{attributes.id}.{FORMAT}"
    return Native(to_json(written), MEDIA_TYPES[FORMAT], filename, {"partitionkey": subject})


def data_of(event: Event, view: View) -> dict[str, Any]:
    """Return the content (`data`) of a CloudEvent, with only what the recipient may read. Raises Unroutable
    for a message type that the dialect does not write."""
    data = write(event.contrat, WRITTEN[carried(event, SORTANTS)], view)
    if (why := explication(event.contrat, view.partner.famille)) is not None:
        data[EXPLICATION] = why
    return data
