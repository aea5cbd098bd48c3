"""Print the hub's state, for the command `siao-hub status`. The first line sums up the rest."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Column, Table
from rich.text import Text

from contracts.plurals import counted, enumerated, many
from ops.alarms.configured import rules
from ops.alarms.rules import Rules, alerts
from ops.audit.words import act_of
from ops.status.changes import ALL, shown_of
from ops.status.findings import LISTED, Code, Finding, Level, left_out, listed, presses, start_of, tally
from ops.status.headline import headline
from ops.status.lost import ASK, loss_of
from ops.status.piles import RECENT, end_of_trend, trend_of
from ops.status.quantities import ago, at, decimal, local, next_at, since, time_left, zone_of
from ops.status.queue import queue, task_in_words
from ops.status.roles import next_attempt, next_look, running, stopped_of, unwatched
from ops.status.safeguards import safeguards_of
from ops.status.unanswered import Longest, first_act, longest_of, stands_of, uncounted
from ops.status.verdict import Verdict, live, notable, told_of_keys, unknown_keys, verdict
from ops.status.vitals import vitals
from ops.status.wording import (
    ETAPES,
    LECTURES,
    MEANINGS,
    PIECES,
    box_of,
    contact_of,
    identified,
    is_dated,
    last_contact_of,
    reading_of,
    refused_of,
    telephone,
    whom,
)
from ops.terminal.printing import console, in_json, opened, style_of
from router.domain.correspondents import Contact, Correspondent, Lecture
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import COUNTED, Answer, Asked, CountedSince, Etape, Unanswered, Vitals
from router.settings import Settings
from router.store.database import Database

REFRESH_SECONDS = 2.0
RESTARTED = timedelta(hours=1)
"""How long after its start the page names a process as just started."""
MARKS = {Level.BON: ("✓", "green"), Level.A_VOIR: ("!", "yellow"), Level.EN_PANNE: ("✗", "red")}
TONES = {"green": "green", "yellow": "yellow", "red": "red", "inconnu": "dim"}
WIDTHS = (16, 12, 9, 8, 8, 9, 9, 7)
"""The widths of the columns in the table of partners. They add up to eighty characters, with the spaces."""
TRACED = "Où en est un envoi, un fichier, une place : siao-hub trace ID (ou nuit-09.csv, ou CH-102)"
LAST_CONTACT = "« vu à » : dernier contact ; depuis, rien ne dit s'il est joignable"
READINGS = {
    Lecture.LISIBLE: (LECTURES[Lecture.LISIBLE], "dim"),
    Lecture.ILLISIBLE: (LECTURES[Lecture.ILLISIBLE], "red"),
    Lecture.INCONNUE: (LECTURES[Lecture.INCONNUE], "dim"),
    None: ("—", "dim"),
}
"""The French words that say whether the hub can read a partner's own server, each with its colour. The key
None stands for a partner without own server."""


async def show(settings: Settings, *, everybody: bool, as_json: bool) -> int:
    """Print the hub's state once, as JSON if `as_json`, else as a page. The page lists the worst findings and
    partners; with `everybody`, it lists all. Return exit code 0 if all is well, 1 if a person has to look, 2
    if the hub does not accept, apply or deliver."""
    async with opened(settings) as database:
        known = rules(settings.alarms.rules_file)
        found, said, now = await _look(database, settings)
    if as_json:
        in_json({"vu_le": now, "verdict": asdict(said), "faits": asdict(found)})
    else:
        console.print(page(found, said, known, now, everybody=everybody))
    return int(said.level)


async def watch(settings: Settings, *, everybody: bool) -> int:
    """Show the hub's state on a page, and measure it again every `REFRESH_SECONDS`. The page lists the worst
    findings and partners; with `everybody`, it lists all. The function never returns: Ctrl-C ends the
    program."""
    known = rules(settings.alarms.rules_file)
    async with opened(settings) as database:
        with Live(console=console, screen=True, auto_refresh=False) as screen:
            while True:
                found, said, now = await _look(database, settings)
                screen.update(page(found, said, known, now, everybody=everybody), refresh=True)
                await asyncio.sleep(REFRESH_SECONDS)


async def _look(database: Database, settings: Settings) -> tuple[Vitals, Verdict, datetime]:
    now = datetime.now(UTC)
    found = await vitals(database, settings, safeguards_of(settings, now))
    return found, verdict(found, now), now


def page(found: Vitals, said: Verdict, known: Rules, now: datetime, *, everybody: bool) -> RenderableType:
    """Return the page that `siao-hub status` prints, eighty columns wide. It lists at most `LISTED` findings,
    and the partners at which somebody has to look; with `everybody`, it lists all findings and all partners.
    `known` has the alarm rules, which say which findings justify a phone call now."""
    woken = alerts(said.findings, known, now)
    most = None if everybody else LISTED
    parts: list[RenderableType] = [first_line(said, woken, now), *_findings(found, said, woken, now, most)]
    if wait := longest_of(found.unanswered, found.partners, now):
        parts.append(_longest(wait, found.names))
    pieces = f"postgresql {PIECES[found.base]} · kafka {PIECES[found.bus]}"
    parts += [Text(), Text.assemble(("Pièces   ", "dim"), pieces)]
    if found.base is Answer.OK:
        parts += _machine(found, said, now)
    if found.piles:
        parts += [Text(), *_piles(found, said, now)]
    if not found.knows(Asked.PARTENAIRES):
        parts += [Text(), Text.assemble(("Partenaires  ", "dim"), "inconnu")]
    elif table := _partners(found, said, now, everybody=everybody):
        parts += [Text(), *table]
    if not found.knows(Asked.REPONSES):
        parts += [Text(), Text.assemble(("Attendent une réponse  ", "dim"), "inconnu")]
    if found.unanswered:
        parts += [Text(), _unanswered(found, now, most)]
    if missing := uncounted(found, said):
        parts.append(Text(f"Ménages sans réponse : {missing}", style="yellow"))
    parts += [Text(), *_footer(found, now), Text(TRACED, style="dim")]
    return Group(*parts)


def first_line(said: Verdict, woken: Collection[Finding], now: datetime) -> Text:
    """Return the first line of the page that `siao-hub status` prints. It begins with the hub's state in a
    few words. If the hub has broken down, the line then says since when, if known; else, it says how many
    findings there are. `woken` has the findings that justify a phone call now. They are counted apart, and a
    single one makes the line red."""
    mark, colour = MARKS[Level.EN_PANNE if woken else said.level]
    line = Text.assemble((f"{mark} {headline(said)}", f"bold {colour}"))
    if said.level is Level.EN_PANNE:
        line.append(f" ; en panne {since(said.since, now)}" if said.since else "")
    elif said.findings:
        line.append(f" ; {tally(said.findings, woken)}")
    return line.append(f"   [{local(now):%H:%M}, {zone_of(now)}]", style="dim")


def _findings(
    found: Vitals, said: Verdict, woken: Collection[Finding], now: datetime, most: int | None
) -> Iterator[RenderableType]:
    shown, more = listed(said.findings, woken, found.names, most)
    for finding in shown:
        yield _finding(finding, telephone(finding.about, found.partners), woken, now)
    if more:
        yield Text(f"  … et {left_out(more, found.names)} (--tout les montre)", style="dim")
    calls = (whom(each.about, found.partners) for each in (*shown, *more) if presses(each, woken))
    if call := next(filter(None, calls), None):
        when = "une fois la panne du hub réparée" if said.level is Level.EN_PANNE else "d'abord"
        yield Text.assemble((f"  À appeler {when} : ", "dim"), call)


def _finding(finding: Finding, call: str, woken: Collection[Finding], now: datetime) -> RenderableType:
    mark, colour = MARKS[Level.EN_PANNE if finding in woken else finding.level]
    line = Table.grid(
        Column(width=4), Column(ratio=1, overflow="fold"), Column(justify="right", no_wrap=True)
    )
    line.expand = True
    line.add_row(
        Text(f"  {mark}", style=colour), finding.whole, Text(f" {since(finding.since, now)}", style="dim")
    )
    line.add_row("", Text(f"→ {finding.start}{f' · {call}' if call else ''}", style="dim"), "")
    return line


def _longest(wait: Longest, names: Mapping[str, str]) -> Text:
    whose = ", ".join(filter(None, (identified(wait.recipient, names), wait.telephone, wait.since)))
    said = f"{wait.nature} chez {whose} ; {wait.until}"
    return Text.assemble((f"  {wait.title} : ", "dim"), said, (f" → siao-hub trace {wait.ident}", "dim"))


def _machine(found: Vitals, verdict: Verdict, now: datetime) -> Iterator[RenderableType]:
    roles = Text("Rôles    ", style="dim")
    if not found.knows(Asked.PROCESSUS):
        roles.append("inconnu")
    for each in running(found, now) if found.knows(Asked.PROCESSUS) else ():
        none = "✗" if each.role in AT_WORK else "—"
        said = f"{each.role} {each.number or none}{' attend' if each.waits else ''}   "
        roles.append(said, style=TONES.get(each.tone, "dim"))
    yield roles
    yield Text(f"Relancer sans rien perdre : {start_of(Code.ROLE_MUET, '')}", style="dim")
    if (tried := unknown_keys(found, now)).number:
        said = (
            f"{told_of_keys(tried, now, with_address=True)} ; à qui est une clé : « siao-hub partners key »"
        )
        yield Text.assemble(("Clés     ", "dim"), (said, "yellow"))
    minutes = RECENT.total_seconds() / 60
    received = sum(partner.messages_5_min for partner in found.partners)
    left = found.pile(Etape.A_LIVRER).left
    rate = f"{decimal(received / minutes)} messages reçus par minute (sur {minutes:.0f} min)"
    if left is not None:
        rate += f", {many(left.number, 'livraison faite')} depuis {at(left.since, now)}"
    rate = rate if found.knows(Asked.PARTENAIRES) else "inconnu"
    rate = " ; ".join(filter(None, (rate, stopped_of(verdict, now))))
    yield Text.assemble(("Débit    ", "dim"), rate)
    lost = loss_of(found.last_count, now, verdict.broke_at, verdict.down)
    now_too = "" if ASK in lost.sentence else f" ; {ASK} recompte"
    yield Text.assemble(("Compte   ", "dim"), (lost.sentence + now_too, TONES[lost.tone]))


def _piles(found: Vitals, said: Verdict, now: datetime) -> Iterator[RenderableType]:
    table = _table(
        Column("Étape"),
        *_numbers("Attend", "Depuis"),
        Column("Évolution", justify="right"),
        *_numbers("Sortis"),
    )
    for pile in found.piles:
        trend = end_of_trend(pile, said, now) or ("—" if pile.growth is None else trend_of(pile, now))
        out = "—" if pile.left is None else _left(pile.left, now)
        row = (ETAPES[pile.etape], counted(pile.number, pile.capped), ago(pile.oldest, now), trend, out)
        table.add_row(*row, style="" if pile.number else "dim")
    yield table
    unmeasured = [trend_of(pile, now) for pile in found.piles if pile.growth is None and not pile.capped]
    if unmeasured:
        yield Text(f"Évolution {unmeasured[0]}", style="dim")
    for pile in found.piles:
        if pile.number and pile.etape in MEANINGS:
            yield Text(f"{ETAPES[pile.etape]} : {MEANINGS[pile.etape]}", style="dim")


def _left(number: CountedSince, now: datetime) -> str:
    return f"{counted(number.number)} depuis {at(number.since, now)}"


def _partners(found: Vitals, said: Verdict, now: datetime, *, everybody: bool) -> list[RenderableType]:
    wanted = found.partners if everybody else notable(found, said, now)
    quiet = len(found.partners) - len(wanted)
    others = many(quiet, "autre partenaire")
    unknown = unwatched(found, said, now)
    state = f", {unknown}" if unknown else " sans rien à signaler"
    rest = [Text(f"{others}{state} (--tout les montre)", style="dim")]
    if not wanted:
        return list(rest) if quiet else []
    header = _columns("Partenaire", "Livrer", "Lire", "Depuis", "Attend", "+ ancien", "Prochain", "Reçu")
    lines = [line for partner in wanted for line in _partner(partner, said, now)]
    if any(is_dated(partner, now) for partner in wanted):
        lines.append(Text(LAST_CONTACT, style="dim"))
    return [Text(header, style="dim"), *lines, *(rest if quiet else [])]


def _partner(partner: Correspondent, said: Verdict, now: datetime) -> Iterator[Text]:
    colour = style_of(str(partner.contact))
    if partner.contact is Contact.JOIGNABLE and not (partner.is_news(now) and partner.is_read(now)):
        colour = "dim"
    if not partner.is_watched:
        colour = "dim"
    reads = partner.reading.state(now) if partner.reading else None
    fails = partner.reading.failing_since if partner.reading and partner.is_reached else None
    old = partner.contact is Contact.JOIGNABLE and last_contact_of(partner, now) != ""
    waits = partner.waiting.number + partner.in_box.number
    oldest = min((m for m in (partner.waiting.oldest, partner.in_box.oldest) if m), default=None)
    then = next_attempt(partner, said, now)
    name = identified(partner.id, {partner.id: partner.nom})
    if len(name) > WIDTHS[0]:
        yield Text(name, overflow="fold")
        name = ""
    line = Text(
        _columns(
            name,
            contact_of(partner, now),
            READINGS[reads][0],
            ago(fails or (partner.seen_at if old else partner.since), now),
            counted(waits, waits >= COUNTED),
            ago(oldest, now),
            "—" if isinstance(then, Role) else next_at(then, now).removeprefix("à "),
            ago(partner.last_in, now),
        )
    )
    first, second = WIDTHS[0] + 1, WIDTHS[0] + WIDTHS[1] + 2
    line.stylize(colour, first, second)
    line.stylize(READINGS[reads][1], second, second + WIDTHS[2])
    yield line
    if partner.reading is not None and not partner.is_read(now):
        look = next_at(next_look(partner, said, now), now)
        yield Text(f"  {reading_of(partner.reading, look, now)}", style="dim", overflow="fold")
    if notes := _notes(partner, then, now):
        yield Text(f"  {notes}", style="dim", overflow="fold")


def _columns(*cells: str) -> str:
    words = " ".join(f"{cell:<{width}}" for cell, width in zip(cells[:3], WIDTHS[:3], strict=True))
    return words + "".join(f"{cell:>{width}}" for cell, width in zip(cells[3:], WIDTHS[3:], strict=True))


def _notes(partner: Correspondent, then: datetime | Role | None, now: datetime) -> str:
    said = [partner.cause or "", "" if is_dated(partner, now) else last_contact_of(partner, now)]
    said += [f"refuse {kind}" for kind, _ in partner.refused_types]
    if then is Role.DISPATCHER:
        said.append(f"prochain essai {next_at(then, now)}")
    if partner.releve_h and partner.last_poll:
        said.append(box_of(partner.last_poll, now))
    if refused := refused_of(partner.refusals_24_h, partner):
        said.append(f"{refused} en 24 h")
    return " · ".join(filter(None, said))


def _unanswered(found: Vitals, now: datetime, most: int | None) -> Table:
    table = _table(
        Column("Attendent une réponse de", overflow="fold"),
        Column("Où en est-on", overflow="fold"),
        *_numbers("Nombre", "Depuis", "Avant"),
    )
    shown, names = found.unanswered[:most], found.names
    for owed in shown:
        number = counted(owed.number, owed.number >= COUNTED)
        table.add_row(
            ", ".join(
                filter(None, (identified(owed.recipient, names), telephone(owed.recipient, found.partners)))
            ),
            stands_of(owed, found.partners),
            number,
            ago(owed.since, now),
            _before(owed, found.partners, now),
        )
    if more := found.unanswered[len(shown) :]:
        waiting = many(sum(owed.number for owed in more), "attente")
        table.add_row(Text(f"… et {many(len(more), 'autre')}, {waiting} (--tout)", style="dim"))
    return table


def _before(owed: Unanswered, partners: Collection[Correspondent], now: datetime) -> Text:
    if owed.deadline is None:
        return Text("—")
    due = f"{first_act(owed, partners)} {at(owed.deadline, now)}".lstrip()
    return Text(f"{due}\n{time_left(owed.deadline, now)}", style="red") if owed.deadline < now else Text(due)


def _footer(found: Vitals, now: datetime) -> Iterator[RenderableType]:
    started: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for beat in found.beats:
        if now - beat.started_at < RESTARTED and beat in live(found.beats, beat.role, now):
            started[at(beat.started_at, now), beat.host, beat.version].append(beat.role)
    for (when, host, version), roles in started.items():
        said = f"{when}  {enumerated(roles)} sur {host} (version {version})"
        yield Text.assemble(("Démarré  ", "dim"), said)
    for group in queue(found):
        if group.taker is not None:
            what = ", ".join(filter(None, (group.what, whom(group.who or "", found.partners) or group.who)))
            said = f"{at(group.taker.at, now)}  {group.taker.nom}  {what}"
            yield Text.assemble(("Chargé   ", "dim"), said)
    names = found.names
    for change in found.changes:
        on = task_in_words(change.on, lambda ident: names.get(ident, ident))
        on += f" et {many(change.others, 'autre')}" if change.others else ""
        yield Text.assemble(
            ("Réglage  ", "dim"), f"{at(change.at, now)}  {change.who}  {act_of(change.what)}  {on}"
        )
    if more := shown_of(len(found.changes), found.changes_in_all):
        yield Text.assemble(("Réglage  ", "dim"), f"{more} ; « {ALL} » les dit tous")
    for safeguard in found.safeguards:
        line = Text.assemble(("Filet    ", "dim"), f"{safeguard.name} : {safeguard.state}")
        line.stylize({True: "", False: "yellow", None: "dim"}[safeguard.holds])
        yield line


def _table(*columns: Column) -> Table:
    return Table(*columns, box=None, padding=(0, 2, 0, 0), header_style="dim")


def _numbers(*titles: str) -> Iterator[Column]:
    for title in titles:
        yield Column(title, justify="right", no_wrap=True)
