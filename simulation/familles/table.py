"""The format of each simulated partner, by id."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from simulation import bailleur, centre_boite
from simulation.cast import (
    AVDL,
    BAILLEUR_SOAP,
    BY_ID,
    CCAS,
    CCAS_ARTOIS,
    CIL,
    COLLECTIVITE,
    CONTINGENT,
    DDETS_62,
    ETAT,
    ETAT_62,
    LE_115,
    LHSS,
    RESIDENCE,
    SPADA,
    SPIP_JSON,
    SPIP_XML,
)
from simulation.familles.candidats import CANDIDATS, COLLECTEUR, LISTE, TABLEAU
from simulation.familles.demandeurs import DEMANDE, FEUILLE, SUIVI, SUIVI_XML
from simulation.familles.etat import ETAT_JSON
from simulation.familles.fhir import FHIR
from simulation.familles.langue import Langue
from simulation.familles.operateur import OPERATEUR
from simulation.story import Step


def _suite(subject: str, step: Step, today: date) -> bailleur.Suite:
    return bailleur.suite(subject, step.event, step.codes, today.isoformat())


def _cells(subject: str, step: Step, today: date) -> Mapping[str, str]:
    return centre_boite.cells(subject, step.event, step.codes, today)


LANGUES: Mapping[str, Langue] = MappingProxyType(
    {
        LE_115.id: DEMANDE,
        CCAS.id: DEMANDE,
        CCAS_ARTOIS.id: DEMANDE,
        DDETS_62.id: LISTE,
        SPIP_JSON.id: SUIVI,
        SPIP_XML.id: SUIVI_XML,
        SPADA.id: FEUILLE,
        LHSS.id: FHIR,
        RESIDENCE.id: Langue(
            centre_boite.MEDIA_TYPE,
            centre_boite.understand,
            centre_boite.encode,
            answer=_cells,
            name="decisions-%06d.csv",
            rows=centre_boite.rows,
            first_row=centre_boite.FIRST_ROW,
        ),
        CIL.id: COLLECTEUR,
        ETAT.id: ETAT_JSON,
        ETAT_62.id: ETAT_JSON,
        CONTINGENT.id: CANDIDATS,
        COLLECTIVITE.id: TABLEAU,
        BAILLEUR_SOAP.id: Langue(bailleur.MEDIA_TYPE, bailleur.understand, bailleur.suites, answer=_suite),
        AVDL.id: OPERATEUR,
    }
)
_PLAYED = {part.id for part in BY_ID.values() if part.program == AVDL.program}
if speechless := _PLAYED - LANGUES.keys():
    raise LookupError(f"simulation/familles/table.py : quelle langue parle {sorted(speechless)} ?")
