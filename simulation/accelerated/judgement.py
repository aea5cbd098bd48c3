"""Judgement of every referral, candidacy and deadline of a scenario, by the messages sent and received.
Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.reference.codes import ResultatCommission
from contracts.v1.alerte import AlerteEcheance, AlerteSilence, EvenementAlerte
from contracts.v1.attribution import (
    BailSigne,
    CandidaturePresentee,
    CandidatureRetiree,
    DecisionCommission,
    PropositionRefusee,
)
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from contracts.v1.orientation import OrientationAnnulee, OrientationProposee, OrientationRefusee
from contracts.v1.place import PlaceDisponible, PlaceLiberee, PlaceOccupee, PlaceVacancePrevisible
from contracts.v1.suite import AdmissionDirecte, EntreeConstatee, PresentationAbsence
from router.domain.calendar import moment
from simulation.accelerated.company import named
from simulation.accelerated.hub import Received
from simulation.accelerated.scenario import Scenario, Trace
from simulation.ends import End

LATE = timedelta(seconds=60)
WITHOUT_ARRIVAL = (OrientationRefusee, PresentationAbsence, OrientationAnnulee)
OPENS = (OrientationProposee, CandidaturePresentee)
OPENINGS = tuple(each.TYPE for each in OPENS)
CLOSES = (EntreeConstatee, OrientationRefusee, PresentationAbsence, BailSigne, PropositionRefusee)
WITHOUT_OFFER = (ResultatCommission.NON_ATTRIBUTION, ResultatCommission.IRRECEVABILITE)
"""Decisions of a commission that end a candidacy."""
TAKES_BACK = (OrientationAnnulee, CandidatureRetiree)
SILENCES = (SuiteEcheance.SANS_REPONSE,)
REMINDERS = (Etape.MI_DELAI, Etape.BIENTOT)
SIAOS = ("siao", "siao-voisin")
"""The SIAO of the scenarios, and the neighbour to which it may transfer a demand."""
Journals = Mapping[str, Sequence[Received]]


class Waits(NamedTuple):
    """Subjects whose deadlines still run at the end."""

    awaited: frozenset[UUID]
    """With a stage that is still due."""
    overdue: frozenset[UUID]
    """With every stage past: only a person can close them."""


def ends(sent: Sequence[Received], journals: Journals, waits: Waits) -> dict[str, End]:
    """Return the end of every referral and candidacy, by id."""
    opened = [each.contrat.sujet for each in sent if isinstance(each.contrat, OPENS)]
    withdrawn = [e for journal in journals.values() for e in journal if isinstance(e.contrat, TAKES_BACK)]
    said = _by_subject([*sent, *withdrawn])
    told = _by_subject([e for siao in SIAOS for e in journals.get(siao, ())])
    return {str(each): _end(each, waits, said[each], told.get(each, ())) for each in opened}


def _by_subject(journal: Sequence[Received]) -> Mapping[UUID, Sequence[Contrat]]:
    found: defaultdict[UUID, list[Contrat]] = defaultdict(list)
    for each in journal:
        found[each.contrat.sujet].append(each.contrat)
    return found


def _end(referral: UUID, waits: Waits, said: Sequence[Contrat], told: Sequence[Contrat]) -> End:
    if any(map(_closes, told)):
        return End.ANSWERED
    if any(isinstance(each, TAKES_BACK) for each in said):
        return End.TAKEN_BACK
    alerts = [each for each in told if isinstance(each, EvenementAlerte)]
    deadlines = [each for each in alerts if isinstance(each, AlerteEcheance)]
    if any(each.suite in SILENCES for each in deadlines):
        return End.SILENCE_TOLD
    if any(each.type_evenement in OPENINGS for each in alerts):
        return End.REFUSED
    if referral in waits.awaited:
        return End.IN_FLIGHT
    over = [each for each in deadlines if each.etape not in REMINDERS]
    return End.TASK if over and referral in waits.overdue else End.NONE


def _closes(contrat: Contrat) -> bool:
    if isinstance(contrat, DecisionCommission):
        return contrat.resultat in WITHOUT_OFFER
    return isinstance(contrat, CLOSES)


def places_kept(sent: Sequence[Received], siao: Sequence[Received]) -> Iterator[str]:
    """Yield, in French, each place held by a failed referral that the SIAO never heard to be free again.

    Places still lived in, or taken without the SIAO, are exempt.
    """
    lived_in = {each.contrat.sujet for each in sent if isinstance(each.contrat, PlaceVacancePrevisible)}
    left = {each.contrat.sujet for each in (*siao, *sent) if _gives_up(each.contrat)}
    lost: defaultdict[UUID, list[datetime]] = defaultdict(list)
    for at, contrat in siao:
        if isinstance(contrat, PlaceDisponible | PlaceLiberee | PlaceOccupee | AdmissionDirecte):
            lost[contrat.place].append(at)
    for place, proposed in _held(sent, siao).items():
        until = (*(at for at, _ in proposed[1:]), datetime.max.replace(tzinfo=UTC))
        for (at, referral), end in zip(proposed, until, strict=True):
            if (
                referral in left
                and place not in lived_in
                and not any(at <= when <= end for when in lost[place])
            ):
                yield f"la place {place} de l'orientation {referral} n'est pas rendue"


def _held(
    sent: Sequence[Received], siao: Sequence[Received]
) -> Mapping[UUID, Sequence[tuple[datetime, UUID]]]:
    """Return the accepted referrals to each place, in order, with their moments."""
    refused = {
        each.contrat.objet
        for each in siao
        if isinstance(each.contrat, EvenementAlerte) and each.contrat.type_evenement in OPENINGS
    }
    found: defaultdict[UUID, list[tuple[datetime, UUID]]] = defaultdict(list)
    for at, contrat in sent:
        if isinstance(contrat, OrientationProposee) and contrat.sujet not in refused:
            for place in contrat.places:
                found[place].append((at, contrat.sujet))
    return found


def _gives_up(contrat: Contrat) -> bool:
    silent = isinstance(contrat, AlerteEcheance) and contrat.suite is SuiteEcheance.SANS_REPONSE
    return silent or isinstance(contrat, WITHOUT_ARRIVAL)


def untimely(journals: Journals) -> Iterator[str]:
    """Yield, in French, each deadline stage announced twice, too early, or too late."""
    for partner, journal in journals.items():
        told: Counter[tuple[UUID, Echeance, datetime, Etape]] = Counter()
        for at, contrat in journal:
            if not isinstance(contrat, AlerteEcheance):
                continue
            which = f"{partner} : {contrat.echeance} {contrat.etape} de {contrat.objet}"
            told[contrat.objet, contrat.echeance, contrat.due_le, contrat.etape] += 1
            if told[contrat.objet, contrat.echeance, contrat.due_le, contrat.etape] > 1:
                yield f"{which}, dite deux fois"
            if (at >= contrat.due_le) is (contrat.etape in REMINDERS):
                yield f"{which}, dite au mauvais moment"
            if contrat.etape is Etape.ECHUE and at > contrat.due_le + LATE:
                yield f"{which}, dite trop tard"


def mistold(siao: Sequence[Received]) -> Iterator[str]:
    """Yield, in French, each silence announced twice, too early, or too late; likewise its end."""
    told: Counter[tuple[str | None, datetime, datetime | None]] = Counter()
    for at, contrat in siao:
        if isinstance(contrat, AlerteSilence):
            which = f"silence de {contrat.partenaire}"
            told[contrat.partenaire, contrat.depuis, contrat.fin_le] += 1
            if told[contrat.partenaire, contrat.depuis, contrat.fin_le] > 1:
                yield f"{which}, dit deux fois"
            if not timedelta() <= at - (contrat.fin_le or contrat.depuis) <= LATE:
                yield f"{which}, dit au mauvais moment"


def unfulfilled(scenario: Scenario, journals: Journals) -> Iterator[str]:
    """Yield, in French, each expected message that did not come, and each forbidden one that did."""
    for wanted in scenario.attendu:
        if not _holds(wanted, scenario.territoire, journals):
            yield f"attendu, et pas venu : {_named(wanted)}"
    for unwanted in scenario.jamais:
        if _holds(unwanted, scenario.territoire, journals):
            yield f"venu, contre toute attente : {_named(unwanted)}"


def _holds(trace: Trace, territoire: str, journals: Journals) -> bool:
    return any(_is(trace, territoire, each) for each in journals.get(trace.chez, ()))


def _is(trace: Trace, territoire: str, each: Received) -> bool:
    contrat = each.contrat
    about = (
        contrat.partenaire == trace.de
        if isinstance(contrat, AlerteSilence)
        else contrat.sujet == named(trace.de)
    )
    if trace.recoit != contrat.NOM or not about:
        return False
    if trace.le is not None and abs(each.at - moment(territoire, trace.le)) > LATE:
        return False
    return all(str(getattr(each.contrat, name, None)) == str(value) for name, value in trace.avec.items())


def _named(trace: Trace) -> str:
    when = f" le {trace.le:%d/%m/%Y à %H:%M}" if trace.le else ""
    more = "".join(f", {name} {value}" for name, value in trace.avec.items())
    return f"{trace.chez} reçoit {trace.recoit} de « {trace.de} »{when}{more}"
