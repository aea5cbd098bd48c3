"""The demo's texts and tables for the terminal, in French."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simulation.cast import (
    ACCOMPAGNEMENTS,
    ACTES,
    AIDES,
    BY_ID,
    CANDIDATURES,
    CLOTURES,
    DEMANDES,
    EXAMENS,
    FLOWS,
    HEBERGES,
    LISTES,
    MENAGES,
    ORIENTATIONS,
    PLACES,
    REPONSES,
    SIAO,
    SIAO_REST,
    TRANSFERTS,
    ends,
)
from simulation.ends import End, out_of_sight, tally
from simulation.fates import Explained
from simulation.observed import Observed
from simulation.oracle import Figures, Verdict

WIDTH = 124
LISTED = 12
"""Limit on the names, and rejections, shown in a list."""

SECTIONS = {
    PLACES: "Places vacantes, vers le SIAO",
    DEMANDES: "Demandes, vers le SIAO",
    ORIENTATIONS: "Orientations, du SIAO",
    CANDIDATURES: "Candidatures, du SIAO",
    LISTES: "Une liste au CIL, par numéro unique",
    MENAGES: "Ménages prêts au logement",
    ACCOMPAGNEMENTS: "Accompagnements demandés",
    REPONSES: "Réponses, vers le SIAO",
    TRANSFERTS: "Transferts entre SIAO",
    CLOTURES: "Demandes closes par le SIAO",
    HEBERGES: "DAHO : ce que devient qui l'État désigne",
    EXAMENS: "L'ordre du jour d'une instance, et l'avis du SIAO",
    AIDES: "Aide sociale, et ce que l'État répond",
    ACTES: "Conventions et dérogations",
}
STORY = """\
Des places se libèrent dans deux centres d'hébergement : l'un dépose des fichiers CSV, l'autre appelle une API JSON.
Le SIAO l'apprend, oriente un ménage vers chaque place, en présente d'autres à des bailleurs, au contingent, au CIL,
qui reçoit aussi une liste, et tarde à répondre pour un ménage ; le 115, un CCAS, deux SPIP et une plate-forme d'asile
lui en adressent. Dans un autre département, le SIAO est lu et écrit par sa propre API ; le premier lui propose des
demandes, qu'il prend, refuse, ou laisse sans réponse. Dans chaque département, l'État désigne des ménages (DAHO) ;
dans l'un, il en soumet deux à une instance, où le SIAO donne son avis, signe avec le CIL, avec un centre et le SIAO,
apprend qui est admis sans le SIAO, et répond aux demandes d'aide sociale. Chacun parle son format, par sa porte, et
répond jusqu'à une issue connue ; l'observation sociale reçoit chaque étape, sous pseudonyme. Aucun ne connaît du hub
autre chose que ses portes."""
LEGEND = """\
Délais p50, p95, p99, en secondes : de l'acceptation (la réponse 202 vue par l'expéditeur ; pour un fichier, son
dépôt, ramassage compris) à l'arrivée chez le destinataire. Perdu = accepté − arrivé − refusé − tâche ouverte.
Doublé : un effet de trop chez le destinataire. Clos : le SIAO connaît l'issue. Rejeté : ligne fausse, renvoyée.
Tout est compté dans les journaux des partenaires, jamais dans les tables du hub."""


def new_console() -> Console:
    """Return a terminal console wide enough for the tables."""
    console = Console(highlight=False)
    return (
        console if console.is_terminal and console.width >= WIDTH else Console(highlight=False, width=WIDTH)
    )


def count(number: int) -> str:
    """Return a number with spaces between thousands: « 1 234 »."""
    return f"{number:,}".replace(",", "\u202f")


def listed(title: str, names: Sequence[str], style: str, most: int = LISTED) -> Iterator[RenderableType]:
    """Yield a heading with the number of names, then the first ones; nothing without names."""
    if not names:
        return
    yield Text(f"\n  {title} : {count(len(names))}", style=f"bold {style}")
    yield from (Text(f"    {name}") for name in names[:most])
    if len(names) > most:
        yield Text(f"    … et {count(len(names) - most)} autres", style="dim")


def duration(seconds: float | None) -> str:
    """Return a duration in French: 0.0412 gives « 41 ms », 1.5 gives « 1,50 s », None an empty text."""
    if seconds is None:
        return ""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.{2 if seconds < 10 else 1}f} s".replace(".", ",")


def seconds(value: float | None) -> str:
    """Return a number of seconds in at most four characters: 0.0412 gives « 0,04 », 54.12 gives « 54,1 »,
    None an empty text."""
    decimals = 2 if value is None or value < 10 else 1 if value < 100 else 0
    return "" if value is None else f"{value:.{decimals}f}".replace(".", ",")


def live(verdict: Verdict, elapsed_s: float, loops: int, events: Sequence[str]) -> RenderableType:
    """Return a run's progress: figures of each flow, and number of closed loops."""
    table = _table("Parti", "Accepté", "Arrivé", "En route")
    for what, section in SECTIONS.items():
        table.add_row(Text(section, style="bold"))
        for label, figures in _lines(what, verdict):
            under_way = figures.accepted - figures.delivered
            numbers = (figures.sent, figures.accepted, figures.delivered, under_way)
            table.add_row(label, *map(count, numbers))
    done = verdict.total.answered
    bar = _bar(done / loops if loops else 1.0)
    line = Text.assemble(
        (f"  {elapsed_s:5.1f} s   ".replace(".", ",")),
        bar,
        f"   {count(done)} boucles closes sur {count(loops)}",
    )
    return Group(table, Text(), line, *(Text(f"  {event}", style="yellow") for event in events))


def result(verdict: Verdict) -> RenderableType:
    """Return the table of results: one line for each flow, and a total."""
    columns = (
        "Parti",
        "Rejeté",
        "Accepté",
        "Arrivé",
        "Refusé",
        "Tâche",
        "Clos",
        "Perdu",
        "Doublé",
        "Inversé",
    )
    table = _table(*columns, "p50", "p95", "p99")
    for what, section in SECTIONS.items():
        table.add_row(Text(section, style="bold"))
        for label, figures in _lines(what, verdict):
            table.add_row(label, *_cells(figures))
        table.add_section()
    table.add_row(Text("Ensemble", style="bold"), *_cells(verdict.total), style="bold")
    return Group(table, Text(), Padding(Text(LEGEND, style="dim"), (0, 2)))


def rejections(observed: Observed) -> RenderableType:
    """Return a table of the rejected rows, with the words that their sender got."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=False)
    table.add_column("  Expéditeur, fichier", no_wrap=True)
    table.add_column("Ligne", justify="right")
    table.add_column("Champ", style="cyan", no_wrap=True)
    table.add_column("Ce que le hub lui répond")
    rows = list(_rejected(observed))
    for row in rows[: 2 * LISTED]:
        table.add_row(*row)
    title = "\n  Les lignes fausses, mises là exprès, et ce que le hub en dit à leur expéditeur"
    return Group(Text(title, style="bold"), table)


def troubles(verdict: Verdict, explained: Mapping[str, Explained]) -> Iterator[RenderableType]:
    """Yield lists of what went wrong, then refusals and open tasks."""
    t = verdict.total
    lost = [f"{s.row.ref} ({BY_ID[s.sender].nom}) {_why(explained, s.row.ref)}" for s in t.lost]
    yield from listed("Perdus", lost, "red")
    yield from listed("Doublés", t.duplicates, "red")
    yield from listed("Inversés", t.inversions, "red")
    yield from listed("Boucles sans issue connue", t.unanswered, "red")
    yield from listed("Imprévus", list(verdict.surprises), "red")
    elsewhere = [
        f"{ref} : {said.why}" for ref, said in explained.items() if ref not in {s.row.ref for s in t.lost}
    ]
    yield from listed("Refusés et tâches ouvertes, d'après le hub", elsewhere, "yellow")


def remarks(verdict: Verdict, events: Sequence[str]) -> Iterator[RenderableType]:
    """Yield the facts that the table does not show, such as kills and repetitions."""
    yield from (Text(f"  {event}", style="yellow") for event in events)
    if verdict.repeated:
        many = "livraisons sont revenues" if verdict.repeated > 1 else "livraison est revenue"
        yield Text(
            f"  {count(verdict.repeated)} {many} sous une clé connue, sans effet : c'est permis.", style="dim"
        )
    news = f"{count(verdict.derived)} nouvelles : places redevenues libres, places de la nuit, suites des demandes"
    yield Text(
        f"  De lui-même, le hub a dit {news}, et {count(verdict.sets)} jeux à l'observation.", style="dim"
    )
    yield Text(
        f"  {count(verdict.transferred)} demandes ont changé de SIAO : chacune à un seul à la fois.",
        style="dim",
    )


def closing(ended: Mapping[str, End]) -> Text:
    """Return the number of loops in each final state; red if one is lost."""
    return Text(f"  {tally(ended)}", style="bold red" if out_of_sight(ended) else "")


def conclusion(verdict: Verdict, kills: int) -> Text:
    """Return the demo's last line: whether everything was right."""
    t = verdict.total
    messages = f"{count(t.accepted)} messages acceptés, {count(t.delivered)} arrivés"
    loops = f"{count(t.answered)} boucles closes sur {count(t.loops)}"
    if verdict.sound:
        despite = f", malgré {kills} kill -9" if kills else ""
        return Text(
            f"  ✓ {messages}, {loops} : rien de perdu, doublé, inversé ni oublié{despite}.",
            style="bold green",
        )
    found = (
        f"{len(t.lost)} perdu(s), {len(t.duplicates)} doublé(s), {len(t.inversions)} inversé(s), "
        f"{len(t.unanswered)} sans issue, {len(verdict.surprises)} imprévu(s)"
    )
    return Text(f"  ✗ {messages}, {loops} : {found}.", style="bold red")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _cells(figures: Figures) -> list[Text | str]:
    wrong = "bold red"
    return [
        count(figures.sent),
        _quiet(figures.rejected),
        count(figures.accepted),
        count(figures.delivered),
        _quiet(figures.refused, "yellow"),
        _quiet(figures.open, "yellow"),
        Text(count(figures.answered), style=wrong if figures.unanswered else "green")
        if figures.loops
        else "",
        _quiet(len(figures.lost), wrong),
        _quiet(len(figures.duplicates), wrong),
        _quiet(len(figures.inversions), wrong),
        *(seconds(figures.percentile_s(percent)) for percent in (50, 95, 99)),
    ]


def _quiet(number: int, style: str = "") -> Text:
    return Text(count(number), style=style if number else "dim")


def _partner(flow: str) -> Text:
    sender, recipient, what = ends(flow)
    other = SIAO_REST if SIAO_REST in (sender, recipient) else recipient if sender is SIAO else sender
    other = recipient if what in (TRANSFERTS, CLOTURES) else other
    return Text.assemble(f"  {other.nom}", (f"  {other.speaks}", "dim"))


def _lines(what: str, verdict: Verdict) -> Iterator[tuple[Text, Figures]]:
    """Yield a label and the figures of each flow in a section: one partner, or both ends if ambiguous."""
    flows = [flow for flow in FLOWS if ends(flow)[2] == what]
    named = Counter(_partner(flow).plain for flow in flows)
    for flow in flows:
        partner = _partner(flow)
        label = partner if named[partner.plain] == 1 else _both(flow)
        yield label, verdict.flows.get(flow, Figures())


def _both(flow: str) -> Text:
    sender, recipient = ("SIAO" if end in (SIAO, SIAO_REST) else end.nom for end in ends(flow)[:2])
    return Text(f"  {sender} → {recipient}")


def _bar(done: float, width: int = 40) -> Text:
    full = min(width, int(done * width))
    return Text.assemble(("━" * full, "green"), ("━" * (width - full), "bright_black"))


def _rejected(observed: Observed) -> Iterator[tuple[Text, str, str, str]]:
    for (sender, key), answer in sorted(observed.answers.items(), key=lambda item: item[1].at):
        for rejection in answer.rejections:
            name = Text(f"  {BY_ID[sender].nom}")
            if observed.travelled_by_file(sender, key):
                name.append(f"  {key}", style="dim")
            line = "" if rejection["ligne"] is None else str(rejection["ligne"])
            yield name, line, rejection["champ"] or "", rejection["message"]


def _why(explained: Mapping[str, Explained], ref: str) -> str:
    return f"— {explained[ref].why}" if ref in explained else ""
