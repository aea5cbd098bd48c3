"""Output of the commands `siao-hub personne`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from contracts.plurals import many
from ops.person import sql as store
from ops.person.asking import answer, ask
from ops.person.exporting import Wanted, export, write
from ops.person.rights import Droit, Issue
from ops.status.quantities import local
from ops.terminal.printing import moment_of, opened, report
from router.privacy.keyring import Keyring
from router.settings import Settings

_LIMITED = "dès maintenant, rien ne part de ce ménage que le besoin, sans nom ; l'abri d'urgence excepté"
TO_DO: Mapping[Droit, str] = {
    Droit.ACCES: "à remettre à la personne : le fichier de « siao-hub personne exporter »",
    Droit.RECTIFICATION: "qui a dit ses données les corrige par un message ; qui les a reçues l'apprend",
    Droit.EFFACEMENT: "si vous l'accordez : « siao-hub menage oublier », et prévenez ceux qui ont reçu ses données",
    Droit.LIMITATION: _LIMITED,
    Droit.PORTABILITE: "elle ne vaut que si un consentement ou un contrat fonde le traitement (article 20) : "
    "demandez au délégué à la protection des données",
    Droit.OPPOSITION: _LIMITED,
}
"""What remains to be done once a request is recorded, in French, by the right that the person exercises."""


async def export_to(settings: Settings, wanted: Wanted, path: Path, as_json: bool) -> int:
    """Write what the hub holds about a person to the new file `path`, and print the path. Return exit code
    0."""
    async with opened(settings) as database:
        content = await export(database, Keyring.of(settings), wanted, datetime.now(UTC))
    write(path, content)
    return report(
        as_json, {"fichier": str(path)}, f"[green]✓[/] {path} : remettez-le à la personne, puis détruisez-le"
    )


async def ask_for(
    settings: Settings,
    ident: UUID,
    droit: Droit,
    received: datetime | None,
    actor: str,
    why: str,
    as_json: bool,
) -> int:
    """Record that a person of the household `ident` exercises the right `droit`. The request arrived at
    `received`, or now if it is None. Print when the answer is due, what to do, and which partners sent or
    received the household's data. Return exit code 0."""
    async with opened(settings) as database:
        at = await moment_of(database, received) if received else datetime.now(UTC)
        made = await ask(database, ident, droit, at, actor, why)
    lines = [f"[green]✓[/] demande {made.id} notée ; réponse due le {local(made.due_at):%d/%m/%Y}"]
    lines.append(TO_DO[droit])
    lines.append(f"ont dit ses données : {', '.join(made.speakers) or '—'}")
    lines.append(f"les ont reçues : {', '.join(made.recipients) or '—'}")
    facts = {
        "demande": made.id,
        "echeance": made.due_at,
        "ont_dit": made.speakers,
        "ont_recu": made.recipients,
    }
    return report(as_json, facts, *lines)


async def requests(settings: Settings, as_json: bool) -> int:
    """Print people's requests about their data: those that have no answer yet, and granted ones that still
    restrict the use of the data. Return exit code 0."""
    async with opened(settings) as database, database.statement() as connection:
        rows = await store.requests(connection)
    facts = [
        {
            "demande": r.id,
            "menage": r.menage,
            "droit": r.droit,
            "etat": r.etat,
            "recue_le": r.received_at,
            "echeance": r.due_at,
        }
        for r in rows
    ]
    lines = [
        f"{r.id}  {Droit(r.droit).libelle}, {r.etat}, ménage {r.menage}, réponse due le {local(r.due_at):%d/%m/%Y}"
        for r in rows
    ]
    return report(as_json, {"demandes": facts}, *(lines or ["Aucune demande n'attend de réponse."]))


async def answer_to(
    settings: Settings, request: UUID, issue: Issue, actor: str, why: str, as_json: bool
) -> int:
    """Record `issue`, the answer to a person's request about their data. If the answer ends a restriction on
    the use of these data, the deliveries that had left without them are sent again, complete. Print how many
    are sent again. Return exit code 0."""
    async with opened(settings) as database:
        again = await answer(database, request, issue, actor, why)
    line = f"[green]✓[/] demande {request} : {issue} ; {many(again, 'envoi repart', 'envois repartent')} en entier"
    return report(as_json, {"demande": request, "issue": issue, "repartent": again}, line)
