"""Make the duties of the roles. A duty is a job that a role does for as long as its process lives. Each
function returns one duty, and its docstring says what the duty does. A duty runs until cancelled; if one
fails, its process ends. The functions raise Misconfigured if a duty cannot begin."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from connectors.admission import Admissions
from connectors.http_body import Limits
from connectors.registry import open_sink
from contracts.partner import Partner
from contracts.ports import Sink
from ops.alarms.channels import channels, pulse
from ops.alarms.configured import rules
from ops.alarms.watch import Watch
from ops.audit.sealing import Sealer
from ops.replay.job import Replays
from ops.retention.purging import Purges
from ops.running.hub import LISTS, SUCCESSIONS, Hub, utc_now
from ops.running.scheduler import Scheduler
from ops.silences.watch import Silences
from router.applying.applier import Applier
from router.applying.believing import Believer
from router.delivery.dispatcher import Dispatcher
from router.delivery.lists import Figures, ReaderLists
from router.delivery.simulated import SimulatedPartner
from router.domain.partners import hash_of
from router.domain.roles import Role
from router.domain.sandbox import is_played
from router.intake.bulk import Bulk
from router.intake.health_check import HealthCheck
from router.intake.serving import serve
from router.intake.sources import Sources
from router.leased.deadlines import Deadlines
from router.leased.lists import Lists
from router.leased.successions import Successions
from router.privacy.audit_keys import receipt_key
from router.process.topics_admin import is_reachable
from router.store import heartbeat
from router.store.database import AUDIT, BULK, DEADLINES, JOBS, LANES, WATCH

if TYPE_CHECKING:
    from router.intake.orientations_http import Envois

Duty = Coroutine[Any, Any, None]
DRAIN_SECONDS = 20
"""How many seconds a process that stops has to finish its work."""


def door(hub: Hub) -> Duty:
    """Answer partners over HTTP."""
    from ops.receipts.issuing import Receipts
    from ops.sandbox.http import sandbox_routes
    from ops.sandbox.playing import Sandbox
    from ops.tracing.own import Own
    from router.intake.api import DATABASE  # imports FastAPI, which only a gateway needs
    from router.intake.gateway import application
    from router.intake.list_routes import list_routes

    ready = {
        DATABASE: HealthCheck(hub.database.answers, time.monotonic),
        "kafka": HealthCheck(partial(is_reachable, hub.settings.kafka), time.monotonic),
    }
    limits = Limits(body_bytes=hub.settings.http.max_body_bytes)
    admissions = Admissions(
        partial(_authenticate, hub), limits, refuse=lambda key: hub.key_uses.note_if_removed(hash_of(key))
    )
    hub.heart.counts(lambda: admissions.unknown_keys)
    own = Own(hub.database, hub.keyring, hub.crosswalk, hub.decoders)
    receipts = Receipts(hub.database, hub.keyring, partial(receipt_key, hub.settings))
    sandbox = sandbox_routes(Sandbox(hub.database, hub.intake, hub.crosswalk), admissions)
    lists = list_routes(ReaderLists(hub.database, hub.keys_and_ids), Figures(hub.database), admissions)
    routes = (sandbox, lists)
    app = application(hub.intake, own, receipts, _envois(hub), routes, hub.mailbox, admissions, ready)
    return serve(app, hub.settings.http, DRAIN_SECONDS, hub.door)


def _authenticate(hub: Hub, key: str) -> Partner | None:
    key_hash = hash_of(key)
    partner = hub.registry.by_key_hash(key_hash)
    if partner is not None:
        hub.key_uses.note(key_hash)
    return partner


def _envois(hub: Hub) -> "Envois":
    from ops.tracing.following import Following
    from router.intake.orientations_http import Envois

    following = Following(hub.database, hub.crosswalk)
    return Envois(
        owed=lambda partner: following.owed(partner, hub.registry, utc_now()),
        one=lambda ident, partner: following.one(ident, partner, hub.registry, utc_now()),
    )


def key_uses(hub: Hub) -> Duty:
    """Record the last use of each API key."""
    return hub.key_uses.keep_writing()


def bulk(hub: Hub) -> Duty:
    """Decode large files to their end."""
    return Bulk(
        hub.database,
        hub.intake.keeper,
        hub.intake.truth,
        hub.decoders,
        hub.keyring,
        hub.crosswalk,
        hub.wake[BULK],
        hub.lease("bulk"),
        lambda: hub.registry,
        hub.backlog,
    ).run()


def sources(hub: Hub) -> Duty:
    """Fetch messages from partners' servers and topics."""
    made = Sources(hub.database, hub.intake, lambda: hub.registry, hub.lease, hub.decoders)
    hub.heart.listens(made.news, heartbeat.note_readings)
    return made.run()


def replays(hub: Hub) -> Duty:
    """Run replay jobs."""
    lease = hub.lease("replays")
    return Replays(hub.database, hub.intake, hub.keyring, lambda: hub.registry, hub.wake[JOBS], lease).run()


def purges(hub: Hub) -> Duty:
    """Remove the hub's old files from partners' SFTP folders."""
    return Purges(lambda: hub.registry, hub.lease("purges")).run()


def relays(hub: Hub) -> Duty:
    """Publish pending events on Kafka."""
    return hub.relays.run()


async def worker(hub: Hub) -> None:
    """Apply the events that arrive on Kafka."""
    from router.applying.workers import Workers  # imports FastStream, which only a worker needs

    settings = hub.settings
    believer = Believer(hub.database, hub.prover, settings.kafka)
    reservation = timedelta(hours=settings.reservation_h)
    applier = Applier(
        hub.database,
        hub.prover,
        reservation,
        hub.keyring.get,
        dispatcher=lambda: hub.dispatcher,
    )
    workers = Workers(hub.database, believer, applier, lambda: hub.registry, settings.kafka, settings.worker)
    await workers.run(hub.heart.says(Role.WORKER), hub.says_of_bus(Role.WORKER))


def standby(hub: Hub) -> Duty:
    """Watch for a failover of PostgreSQL. After one, bring back from Kafka the events that the new server
    lacks."""
    from ops.recovery.standby import Standby  # imports FastStream, which only a worker needs

    lease, says = hub.lease("reprise"), hub.heart.says(Role.WORKER)
    return Standby(hub.database, hub.settings, lease, says).run()


def deadlines(hub: Hub) -> Duty:
    """Tell the parties of a subject when one of its deadlines reaches a stage: a reminder, or its end."""
    lease, wake = hub.lease("deadlines"), hub.wake[DEADLINES]
    return Deadlines(hub.database, hub.prover, lease, lambda: hub.registry, wake).run()


def lists(hub: Hub) -> Duty:
    """Keep the lists of households ready for housing in line with the registry, and take forgotten households
    off them."""
    return Lists(hub.database, hub.prover, hub.lease("listes"), lambda: hub.registry, hub.wake[LISTS]).run()


def successions(hub: Hub) -> Duty:
    """Give the subjects of a merged SIAO to its successor."""
    wake = hub.wake[SUCCESSIONS]
    return Successions(hub.database, hub.lease("fusions"), lambda: hub.registry, wake).run()


def silences(hub: Hub) -> Duty:
    """Tell the SIAO when a partner misses its rhythm, and when it sends messages again. The rhythm is the
    days and hours by which the partner sends messages."""
    return Silences(hub.database, hub.prover, hub.lease("silences"), lambda: hub.registry).run()


def dispatcher(hub: Hub) -> Duty:
    """Send partners their deliveries."""
    session = hub.session

    def sink(partner: Partner) -> Sink:
        if is_played(partner):
            return SimulatedPartner()
        return open_sink(partner, session=session, mailbox=hub.mailbox, readers=hub.decoders)

    made = Dispatcher(
        hub.database,
        hub.keys_and_ids,
        hub.prover,
        lambda: hub.registry,
        sink,
        hub.settings.dispatcher,
        hub.wake[LANES],
        hub.lease,
        hub.heart.wake,
        hub.process,
    )
    hub.dispatcher = made
    hub.heart.listens(made.outlets.news, heartbeat.note_contacts)
    return made.run()


def scheduler(hub: Hub) -> Duty:
    """Delete rows whose retention is over, forget households that no message has named for two years, and count
    lost messages."""
    return Scheduler(hub.database, hub.settings, hub.scheduler_lease).run()


def sealer(hub: Hub) -> Duty:
    """Bind new audit rows into the audit's chain of hashes. Every minute, sign the chain's last hash: the
    signed hash is a head."""
    return Sealer(hub.database, hub.settings, hub.lease("audit"), hub.wake[AUDIT]).run()


def stamper(hub: Hub) -> Duty:
    """Have an outside authority put time stamps on heads of the audit. A head is the last hash of the audit's
    chain, signed."""
    from ops.audit.time_stamps import Stamper  # slow to import, and only a scheduler needs it

    return Stamper(hub.settings, hub.lease("horodatage")).run()


def alarm_watch(hub: Hub) -> Duty:
    """Notify people when an alarm begins and ends."""
    alarms = hub.settings.alarms
    return Watch(
        hub.database,
        hub.settings,
        hub.scheduler_lease,
        lambda: hub.registry,
        hub.gauges,
        rules(alarms.rules_file),
        channels(alarms),
        pulse(alarms),
        utc_now,
        hub.wake[WATCH],
    ).run()


def duplicates(hub: Hub) -> Duty:
    """Search for households that may be registered twice."""
    from ops.duplicates.watch import Duplicates  # slow to import, and no other task needs it

    return Duplicates(hub.database, hub.keyring, hub.lease("doublons"), lambda: hub.registry).run()


async def accounts(hub: Hub) -> None:
    """Mail login links, and remind people of what they have to do at the desk."""
    from ops.accounts.reminding import Reminders  # slow to import, and only a console needs it

    if hub.links is None:
        await asyncio.Event().wait()
        return
    reminders = Reminders(hub.links.accounts, hub.desk, hub.lease("rappels"), lambda: hub.registry, utc_now)
    await asyncio.gather(hub.links.run(), reminders.run())


def console(hub: Hub) -> Duty:
    """Serve the console to browsers. The hub finds the console as a plug-in, by the Python entry point
    `siao_hub.roles`."""
    (entry,) = entry_points(group="siao_hub.roles", name=Role.CONSOLE)
    begin: Callable[[Hub], Duty] = entry.load()
    return begin(hub)
