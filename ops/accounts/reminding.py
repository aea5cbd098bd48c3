"""Remind people of their tasks by mail: once a day, and at once for a task that is due within a day."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.errors import HubError
from contracts.partner import Partner
from ops.accounts import letters
from ops.accounts import sql as store
from ops.accounts.accounts import Account, Accounts
from ops.desk.desk import Desk
from ops.desk.tasks import Tache
from router.domain.calendar import wall_clock
from router.domain.partners import Registry
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.telemetry.outages import OutageLog

TICK_SECONDS = 300.0
URGENT = timedelta(hours=24)
MORNING = 8
"""Hour of the day, in the partner's time zone, from which the daily mail leaves."""


class Reminder(NamedTuple):
    """The number of open tasks that a reminder counts, and whether a mail about them is due."""

    number: int
    urgent: tuple[str, ...]
    """Console pages of all tasks that are overdue or due within a day, even those that an earlier mail
    named."""
    is_due: bool
    """Whether a mail has to leave now."""


def reminder(
    tasks: Sequence[Tache],
    told_at: datetime | None,
    reminded_of: Sequence[str],
    territoire: str,
    now: datetime,
) -> Reminder:
    """Decide whether to mail a person a reminder now. `tasks` has the open tasks of the person's partner, and
    `told_at` is when the last reminder was mailed. While tasks are open, one reminder a day is due, from 8
    o'clock on in the time zone of `territoire`. A task is urgent if it is overdue, or due within a day. An
    urgent task makes a reminder due at once, unless `reminded_of` names the task: it has the console pages of
    the urgent tasks that earlier reminders counted."""
    urgent = tuple(task.vers for task in tasks if task.avant_le is not None and task.avant_le - now <= URGENT)
    here = wall_clock(territoire, now)
    of_today = told_at is not None and wall_clock(territoire, told_at).date() == here.date()
    daily = bool(tasks) and not of_today and here.hour >= MORNING
    return Reminder(len(tasks), urgent, daily or not set(urgent) <= set(reminded_of))


class Reminders:
    """Work that mails reminders of open tasks, such as a referral to answer, to the people who work for a
    partner. Only one process at a time does this work."""

    def __init__(
        self,
        accounts: Accounts,
        desk: Desk,
        lease: Lease,
        registry: Callable[[], Registry],
        clock: Callable[[], datetime],
    ) -> None:
        self._accounts, self._desk, self._lease = accounts, desk, lease
        self._registry, self._clock = registry, clock
        self._outage = OutageLog("courriel")

    async def run(self) -> None:
        """Mail a reminder of open tasks to each person with an account for whom one is due. Look every five
        minutes, until cancelled, who has to be reminded."""
        await self._lease.work(WakeUp(), TICK_SECONDS, self.look)

    async def look(self) -> None:
        """Mail a reminder of open tasks to each person for whom one is due, at most one mail to an account. A
        mail that cannot be sent is tried again at the next call. Raises BusUnavailable if the database does
        not answer."""
        tasks: dict[str, tuple[Sequence[Tache], bool]] = {}
        registry = self._registry()
        for account in await self._accounts.everybody():
            partner = registry.get(account.partner)
            if partner is None:
                continue
            if partner.id not in tasks:
                tasks[partner.id] = await self._desk.todo.of(partner, registry, self._clock())
            await self._tell(account, partner, *tasks[partner.id])

    async def _tell(self, account: Account, partner: Partner, tasks: Sequence[Tache], has_more: bool) -> None:
        now = self._clock()
        due = reminder(tasks, account.row.told_at, account.row.urgent, partner.territoire, now)
        if due.is_due and not await self._sent(account, due, has_more, now):
            return
        if due.is_due or list(due.urgent) != account.row.urgent:
            async with self._accounts.database.statement() as connection:
                await store.reminded(connection, account.id, now if due.is_due else None, due.urgent)

    async def _sent(self, account: Account, due: Reminder, has_more: bool, now: datetime) -> bool:
        ident = f"{account.id} {now.isoformat()}"
        url = self._accounts.url
        letter = letters.waiting(ident, account.adresse, due.number, len(due.urgent), has_more, url)
        try:
            await self._accounts.server.send(letter)
        except HubError as exc:
            self._outage.failed(str(exc))
            return False
        self._outage.succeeded()
        return True
