"""Judgement of the messages that the State must receive. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from contracts.base import Contrat
from contracts.v1.aide_sociale import (
    AideSocialeDemandee,
    AideSocialeRepondue,
    AideSocialeReputeeAcceptee,
)
from contracts.v1.alerte import AlerteAnomalie, AlerteEcheance, MotifAnomalie
from contracts.v1.echeance import Echeance
from contracts.v1.suite import AdmissionDirecte, AdmissionHorsSiao
from simulation.accelerated.hub import Received

LONGEST_TO_JUSTIFY = timedelta(days=12)
"""Time for a notice of an admission without a title: five working days, and public holidays."""


def unseen(sent: Sequence[Received], told: Sequence[Received], until: datetime) -> Iterator[str]:
    """Yield, in French, each admission without the SIAO of which the State got no notice."""
    seen = {
        (each.contrat.place, each.contrat.admission_le)
        for each in told
        if isinstance(each.contrat, AdmissionHorsSiao)
    }
    due = [e.contrat for e in sent if isinstance(e.contrat, AdmissionDirecte) and e.at < until]
    for contrat in due:
        if (contrat.place, contrat.admission_le) not in seen:
            yield f"admission hors SIAO que l'État ignore : place {contrat.place}, le {contrat.admission_le}"


def forgotten(
    sent: Sequence[Received], journals: Mapping[str, Sequence[Received]], waits: Collection[UUID]
) -> Iterator[str]:
    """Yield, in French, each request for aide sociale without an answer, a rejection or a deadline."""
    every = [each.contrat for journal in journals.values() for each in journal]
    answered = {c.sujet for c in every if isinstance(c, AideSocialeRepondue | AideSocialeReputeeAcceptee)}
    aside = {
        c.objet
        for c in every
        if isinstance(c, AlerteAnomalie) and c.type_evenement == AideSocialeDemandee.TYPE
    }
    for asked in [e.contrat.sujet for e in sent if isinstance(e.contrat, AideSocialeDemandee)]:
        if asked not in answered | aside | set(waits):
            yield f"aide sociale perdue de vue : {asked}"


def unexplained(
    sent: Sequence[Received], journals: Mapping[str, Sequence[Received]], awaited: Collection[UUID]
) -> Iterator[str]:
    """Yield, in French, each place occupied without a referral, an explanation or a notice to the SIAO.
    Places in `awaited` still have time."""
    every = [each for journal in journals.values() for each in journal]
    asked = {
        (e.at, e.contrat.objet)
        for e in every
        if isinstance(e.contrat, AlerteAnomalie) and e.contrat.motif is MotifAnomalie.OCCUPEE_SANS_ORIENTATION
    }
    told = [e for e in every if _tells_of_silence(e.contrat)]
    for at, place in asked:
        explained = any(e.at > at and e.contrat.sujet == place for e in sent)
        if (
            not explained
            and place not in awaited
            and not any(e.at > at and e.contrat.sujet == place for e in told)
        ):
            yield f"occupée sans orientation, ni expliquée ni dite au SIAO : place {place}"


def _tells_of_silence(contrat: Contrat) -> bool:
    return isinstance(contrat, AlerteEcheance) and contrat.echeance is Echeance.EXPLICATION
