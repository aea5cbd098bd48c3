"""Deadlines by the journals: every way in which a stage can be told wrong, or not at all, is named."""

from contracts.v1.echeance import Etape
from simulation import alerts, ends
from simulation.alerts import SILENCE
from simulation.chaos import deadlines
from simulation.chaos.deadlines import TERM
from simulation.chaos.reckoning import account
from simulation.chaos.recovery import Ended
from simulation.derived import troubles as news
from simulation.ends import End
from simulation.fates import Explained
from simulation.moods import Mood
from simulation.observed import Delivery
from simulation.oracle import Fate, judge
from tests.rows import each_row
from tests.unit.simulation.journaux import SECOND, Journals

LOOP, SUBJECT = "dossier-11", "uuid-11"
PROPOSED = f"{LOOP}:orientation.proposee"
SIAO, CENTRE = "siao-59", "escale"
LONG_AFTER = 3600 * SECOND
MOMENTS = {Etape.MI_DELAI: 0.5, Etape.BIENTOT: 0.8, Etape.ECHUE: 1.0, Etape.DEPASSEE: 1.0}


class Story(Journals):
    """A place that somebody vacated, and a referral to it, that a shelter with a minute has received."""

    def __init__(self) -> None:
        super().__init__()
        place = "ESC-00001:place.vacante"
        self.sent(place).answered(place).effect(place, code="ESC-00001", place="p")
        self.sent(PROPOSED, by=SIAO, opens=LOOP).answered(PROPOSED, by=SIAO)
        self.effect(PROPOSED, to=CENTRE, subject=SUBJECT, dossier=11)
        self.due = self.now + TERM

    def told(
        self, to: str, etape: Etape, *, after_s: float = 3, suite: str = "", subject: str = SUBJECT
    ) -> "Story":
        """A stage is told so many seconds after its moment."""
        self.now = int(self.due - TERM * (1 - MOMENTS[etape]) + (after_s - 1) * SECOND)
        closes = {"closes": LOOP, "outcome": SILENCE} if suite and to == SIAO else {}
        self.effect(self.ref(to, etape, suite, subject), to=to, **closes)
        return self

    def ref(self, to: str, etape: Etape, suite: str = "", subject: str = SUBJECT) -> str:
        return f"hub:alerte.echeance:{subject}:DECISION:{etape}:{self.due}:{suite}:{to}"

    def silent(self) -> "Story":
        """All that is to be told of a silence, and the place free again."""
        for etape in (Etape.MI_DELAI, Etape.BIENTOT):
            self.told(CENTRE, etape)
        for to in (CENTRE, SIAO):
            self.told(to, Etape.ECHUE, suite="SANS_REPONSE")
        self.effect("hub:place.disponible:p:3")
        return self

    def answered_at(self, seconds: float, event: str = "orientation.acceptee") -> "Story":
        """The shelter's answer is accepted so many seconds after the receipt."""
        ref = f"{SUBJECT}:{event}"
        self.now = self.due - TERM + int((seconds - 2) * SECOND)
        self.sent(ref, subject=SUBJECT, seq=1).answered(ref)
        return self

    def wrong(self, *outages: Ended, until: int = LONG_AFTER, undecided: tuple[Delivery, ...] = ()) -> str:
        return " ; ".join(deadlines.troubles(self.observed, outages, until, undecided))


def outage(first_s: float, last_s: float, name: str = "kill-kafka") -> Ended:
    return Ended(name, first_s, last_s)


def test_a_silence_that_was_told_as_it_should_be_ends_its_loop_and_frees_its_place():
    story = Story().silent()
    assert story.wrong() == ""
    assert judge(story.observed).sound
    assert account(story.observed, {}).ends == {LOOP: End.SILENCE_TOLD}


def test_a_deadline_that_was_due_and_told_to_nobody_is_named_for_each_who_was_to_hear_of_it():
    for etape, to in ((Etape.ECHUE, SIAO), (Etape.ECHUE, CENTRE), (Etape.BIENTOT, CENTRE)):
        assert f"{etape} de sa réponse, jamais dite à {to}" in Story().wrong()
    assert account(Story().observed, {}).orphans == (LOOP,)


@each_row(
    ("etape", "after_s", "says"),
    [
        (Etape.MI_DELAI, -1, "trop tôt"),
        (Etape.ECHUE, -1, "trop tôt"),
        (Etape.DEPASSEE, 0, "trop tôt"),
        (Etape.BIENTOT, 61, "trop tard"),
        (Etape.ECHUE, 61, "trop tard"),
    ],
)
def test_a_stage_that_is_told_at_another_time_than_its_own_is_named(etape: Etape, after_s: float, says: str):
    assert says in Story().told(CENTRE, etape, after_s=after_s).wrong(until=0)


def test_a_stage_may_come_late_while_something_is_broken_and_a_minute_after_its_end_alone():
    late = Story().told(CENTRE, Etape.ECHUE, after_s=90)
    due_s = late.due / SECOND
    assert late.wrong(outage(due_s - 20, due_s + 40), until=0) == ""
    assert late.wrong(outage(due_s + 50, due_s + 52), outage(due_s + 100, due_s + 130), until=0) == ""
    assert "trop tard" in late.wrong(outage(due_s - 20, due_s + 20), until=0)
    assert "trop tard" in late.wrong(outage(due_s + 70, due_s + 95), until=0)


def test_a_term_counts_from_the_receipt_and_not_from_before_nor_from_long_after_it():
    story = Story()
    story.due -= SECOND
    assert "trop tôt" in story.told(SIAO, Etape.ECHUE).wrong(until=0)
    story = Story()
    story.due += 61 * SECOND
    assert "trop tard" in story.told(SIAO, Etape.ECHUE).wrong(until=0)


def test_a_stage_is_told_once_to_each():
    story = Story().silent()
    story.due += SECOND
    assert "dite deux fois" in story.told(SIAO, Etape.ECHUE).wrong()


@each_row("event", ["orientation.acceptee", "orientation.refusee", "orientation.mise-en-attente"])
def test_of_a_referral_that_was_answered_in_time_nothing_is_told_nor_asked_for(event: str):
    assert Story().answered_at(20, event).wrong() == ""
    told = Story().answered_at(20, event).told(CENTRE, Etape.MI_DELAI)
    assert "répondue à temps" in told.wrong()
    reminded_before = Story().answered_at(40, event).told(CENTRE, Etape.MI_DELAI)
    assert reminded_before.wrong() == ""


def test_an_acknowledgement_is_no_answer_and_one_of_another_referral_neither():
    assert "jamais dite" in Story().answered_at(20, "orientation.accusee").wrong()
    assert "personne n'a reçue" in Story().told(SIAO, Etape.ECHUE, subject="uuid-12").wrong(until=0)


def test_a_wrong_clock_an_undecided_alert_and_a_referral_that_was_refused_after_all_excuse_it():
    received_s = (Story().due - TERM) / SECOND
    wrong = outage(received_s + 1, received_s + 2, deadlines.WRONG_CLOCK)
    assert Story().told(SIAO, Etape.ECHUE, after_s=-1).wrong(wrong, until=0) == ""
    assert Story().wrong(wrong, until=200 * SECOND) == ""
    assert "jamais dite" in Story().wrong(wrong)
    undecided = Delivery(CENTRE, "d", "e", "alerte.echeance", SUBJECT, "incertaine")
    assert Story().wrong(undecided=(undecided,)) == ""
    story = Story()
    (effect,) = story.observed.effects[PROPOSED]
    story.declined(PROPOSED, Mood.REFUSAL, by=CENTRE, key=effect.key)
    assert story.wrong() == ""


def test_a_run_waits_for_a_silence_as_long_as_it_may_take_and_no_longer():
    story = Story()
    assert deadlines.to_come(story.observed, story.due)
    assert not deadlines.to_come(story.observed, story.due + 121 * SECOND)
    assert not deadlines.to_come(Story().silent().observed, story.due)
    assert not deadlines.to_come(Story().answered_at(20).observed, story.due)
    running = deadlines.running(story.observed, (), story.due)
    assert running == {LOOP}
    assert account(story.observed, {}, awaited=running).orphans == ()
    assert deadlines.running(story.observed, (), LONG_AFTER) == set()


def test_an_answer_after_its_silence_was_told_may_be_refused_left_aside_and_told_of_and_no_other():
    late, told = f"{SUBJECT}:orientation.acceptee", f"hub:alerte.anomalie:{SUBJECT}:REPONSE_TARDIVE:e:{SIAO}"
    aside = {late: Explained(Fate.REFUSED, "anomalie", "anomalie")}
    for story, excused in ((Story().silent(), True), (Story(), False)):
        story.answered_at(90)
        assert (account(story.observed, aside).aside == ()) is excused
        story.effect(told)
        assert (list(news(story.observed)) == []) is excused
        rejected = Story().silent() if excused else Story()
        rejected.sent(late, subject=SUBJECT).answered(late, 422)
        assert (not judge(rejected.observed).unforeseen) is excused


def test_a_silence_of_which_the_siao_refused_to_hear_is_told_and_its_loop_refused():
    story = Story()
    ref = story.ref(SIAO, Etape.ECHUE, "SANS_REPONSE")
    story.declined(ref, Mood.REFUSAL, by=SIAO)
    assert alerts.silences(story.observed) == {LOOP}
    assert f"ECHUE de sa réponse, jamais dite à {SIAO}" not in story.wrong()
    assert ends.ends(story.observed, {}) == {LOOP: End.REFUSED}


def test_a_loop_that_ends_in_two_ways_is_named():
    story = Story().silent().effect(f"{SUBJECT}:entree.constatee", closes=LOOP, outcome="entrée")
    assert list(ends.twice(story.observed)) == [f"{LOOP} : finie de plusieurs façons (entrée, {SILENCE})"]
    assert not judge(story.observed).sound
