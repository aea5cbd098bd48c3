"""Make the gateway's web application (ASGI). Messages and SOAP requests bypass FastAPI to save time."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from connectors.admission import Admissions
from connectors.answer import PRIVATE, Answer
from connectors.http_in import PATH, AsgiApp, Send, message_endpoint, reply
from connectors.mailbox import MailboxStore
from connectors.problem import BUG, UNAVAILABLE
from connectors.soap import enveloped
from connectors.soap.answer import PATH as SOAP
from contracts.errors import DatabaseUnusable, Misconfigured
from contracts.partner import Partner
from contracts.ports import Native
from router.intake.answers import NOTHING_EXPECTED, answer_of
from router.intake.api import Check, Routes, api_of
from router.intake.orientations_http import Envois
from router.intake.own_routes import Own, Receipts
from router.intake.receive import Intake
from router.telemetry.outages import OutageLog


def application(
    intake: Intake,
    own: Own,
    receipts: Receipts,
    envois: Envois,
    more: Sequence[Routes],
    mailbox: MailboxStore,
    door: Admissions,
    ready: Mapping[str, Check],
) -> AsgiApp:
    """Return the gateway's web application. The requests `POST /v1/messages` and `POST /v1/soap` go to `intake`.
    FastAPI gets all other requests. It answers them with `own` (messages), `receipts` (signed receipts), `envois`
    (referrals and candidacies), `mailbox` (mailboxes), and the further routes `more`. `door` admits callers by
    their API key. `ready` has the health checks of the servers on which the hub depends, by the server's name."""
    take_in = answering(intake)
    short = {
        PATH: message_endpoint(take_in, door),
        SOAP: message_endpoint(take_in, door, SOAP, enveloped),
    }
    rest = api_of(own, receipts, envois, more, mailbox, door, ready)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] != "GET" and scope["path"] in short:
            await short[scope["path"]](scope, receive, send)
        else:
            await _served(rest, scope, receive, send)

    return app


async def _served(rest: AsgiApp, scope: Any, receive: Any, send: Send) -> None:
    begun = False

    async def private(message: MutableMapping[str, Any]) -> None:
        nonlocal begun
        begun = True
        if message["type"] == "http.response.start":
            given = {name for name, _ in message["headers"]}
            more = (each for each in PRIVATE if each[0] not in given)
            message["headers"] = [*message["headers"], *more]
        await send(message)

    try:
        await rest(scope, receive, private)
    except Exception:
        if not begun:
            await reply(send, BUG)
        raise


def answering(intake: Intake) -> Any:
    """Return the function that hands a message to the intake and returns the HTTP answer. If a person must
    first mend something (`Misconfigured`), such as the sender's registry entry, the answer is 503, and an
    outage is logged for this sender. The outage ends when the intake takes a message of this sender."""
    outages: dict[str, OutageLog] = {}

    async def take_in(
        native: Native, partner: Partner, dialecte: str | None, cle: str | None, dry_run: bool
    ) -> Answer:
        if not partner.dialectes:
            return NOTHING_EXPECTED
        try:
            report = await intake.receive(
                native, partner, dialecte or partner.dialectes[0], cle, dry_run=dry_run
            )
        except DatabaseUnusable:  # already logged; the sender gets the same answer as in an outage
            return UNAVAILABLE
        except Misconfigured as exc:
            outages.setdefault(partner.id, OutageLog("porte", partner.id)).failed(str(exc))
            return UNAVAILABLE
        if not dry_run and (outage := outages.get(partner.id)) is not None:
            outage.succeeded()
        return answer_of(report, kept=not dry_run)

    return take_in
