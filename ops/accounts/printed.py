"""Output of the commands `siao-hub comptes`, which open, list, reset and withdraw accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from contracts.errors import HubError, Misconfigured
from ops.accounts import letters
from ops.accounts.accounts import Account, Accounts
from ops.alarms.channels import mail_server
from ops.forgetting.journal import Journal
from ops.status.quantities import day_and_hour
from ops.terminal.printing import opened, report
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store

NONE_SUCH = "[red]✗[/] aucun compte ne s'appelle ainsi : « siao-hub comptes list » les dit"
NOT_OPEN = (
    "personne n'entre par courriel : réglez SIAO_HUB_CONSOLE__URL, SIAO_HUB_CONSOLE__ACCOUNTS=true et "
    "SIAO_HUB_ALARMS__SMTP_HOST"
)


async def invite(settings: Settings, partner: str, address: str, nom: str, actor: str, as_json: bool) -> int:
    """Open an account at a partner, mail the invitation, and print the account. If the mail cannot be sent,
    the account stays, and the output says so. Return exit code 0. Raises Misconfigured if the registry has no
    such partner, or if the settings allow no accounts."""
    async with _accounts(settings) as accounts:
        async with accounts.database.transaction() as connection:
            registry = await registry_store.read(connection)
        if partner not in registry.partners:
            raise Misconfigured(
                f"le registre n'a pas de partenaire « {partner} » : « siao-hub partners list »"
            )
        account = await accounts.invite(partner, address, nom, actor)
        said = await _told(accounts, account, registry.partners[partner].nom)
    facts = {"compte": account.id, "partenaire": partner, "courriel": not said}
    opened_line = f"[green]✓[/] compte {account.id} ouvert au bureau de « {partner} »"
    return report(as_json, facts, opened_line, said or "  Un courriel le lui dit.")


async def _told(accounts: Accounts, account: Account, partner: str) -> str:
    try:
        await accounts.server.send(letters.invitation(account.id, account.adresse, partner, accounts.url))
    except HubError as exc:
        return f"[yellow]![/] {exc} : dites-lui vous-même d'aller à {accounts.url}/connexion"
    return ""


async def show(settings: Settings, as_json: bool) -> int:
    """Print all accounts with which people of partners log in to the desk, sorted by partner. Return exit
    code 0."""
    async with _accounts(settings) as accounts:
        found = await accounts.everybody()
    facts = [
        {
            "compte": each.id,
            "partenaire": each.partner,
            "nom": each.nom,
            "adresse": each.adresse,
            "telephone": each.factor is not None,
            "ferme": each.is_shut,
            "depuis": each.row.created_at,
            "entre_le": each.row.entered_at,
        }
        for each in found
    ]
    lines = [f"{each.partner}  {each.nom} <{each.adresse}>  {_state(each)}\n    {each.id}" for each in found]
    return report(as_json, {"comptes": facts}, *(lines or ["Aucun compte."]))


def _state(account: Account) -> str:
    if account.is_shut:
        return "[red]fermé par des codes faux[/]"
    if account.row.entered_at is None:
        return "jamais entré"
    return f"entré le {day_and_hour(account.row.entered_at)}"


async def withdraw(settings: Settings, ident: UUID, actor: str, why: str, as_json: bool) -> int:
    """Withdraw an account, and print the result. Return exit code 1 for an unknown account, else 0."""
    async with _accounts(settings) as accounts:
        done = await accounts.withdraw(Journal.of(settings), ident, actor, why)
    line = "[green]✓[/] compte retiré : ses sessions et ses liens ont fini" if done else NONE_SUCH
    return report(as_json, {"compte": ident}, line, done=done)


async def forget_factor(settings: Settings, ident: UUID, actor: str, why: str, as_json: bool) -> int:
    """Remove an account's second factor, and print the result. Return exit code 1 for an unknown account, else
    0."""
    async with _accounts(settings) as accounts:
        done = await accounts.forget_factor(ident, actor, why)
    line = "[green]✓[/] la prochaine entrée fera inscrire un autre téléphone" if done else NONE_SUCH
    return report(as_json, {"compte": ident}, line, done=done)


@asynccontextmanager
async def _accounts(settings: Settings) -> AsyncIterator[Accounts]:
    console = settings.console
    if not (console.accounts and console.url):
        raise Misconfigured(NOT_OPEN)
    async with opened(settings) as database:
        yield Accounts(database, Keyring.of(settings), mail_server(settings.alarms), console.url)
