"""Serve `POST /v1/messages`, the route on which partners send messages. It is written in ASGI alone, without
a web framework, because no route of the hub is busier."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from connectors.admission import Admissions
from connectors.answer import PRIVATE, Answer, Stop
from connectors.http_body import Disconnected, Receive, read_body
from connectors.http_head import check_length, dialect, idempotency_key, is_dry_run, is_gzip, native_of
from connectors.problem import BUG, UNAVAILABLE, problem, too_many
from contracts.errors import Throttled, Transient
from contracts.partner import Partner
from contracts.ports import Native

PATH = "/v1/messages"

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Saying = Callable[[Answer], Answer]


class TakeIn(Protocol):
    """Function of the hub that accepts or refuses a message of an authenticated partner."""

    def __call__(
        self, native: Native, partner: Partner, dialecte: str | None, cle: str | None, dry_run: bool
    ) -> Awaitable[Answer]:
        """Accept or refuse a message. The response 202 comes only after the commit. If `dry_run` is set,
        nothing is stored.

        Raises Transient if a new try may work. The caller then responds with 429 if the error is Throttled,
        else with 503.
        """
        ...


def message_endpoint(
    take_in: TakeIn, door: Admissions, path: str = PATH, said: Saying = lambda answer: answer
) -> AsgiApp:
    """Return the ASGI callable for the route on which partners send messages. `door` checks the API key and
    limits of each sender; `take_in` accepts or refuses each message. `said` converts each response before it is
    sent, for example to SOAP.

    A message whose sender hangs up before its end is not accepted.
    """

    async def answered(scope: Scope, receive: Receive) -> Answer:
        _check_route(scope, path)
        headers = dict(scope["headers"])
        with await door.admit(scope, headers) as admission:
            partner = admission.partner
            dialecte = dialect(headers, partner)
            cle = idempotency_key(headers)
            dry_run = is_dry_run(scope["query_string"])
            gzip = is_gzip(headers)
            check_length(headers, door.bounds)
            with admission.share() as share:
                body = await read_body(receive, door.bounds, share, gzip=gzip)
                return await take_in(native_of(headers, body), partner, dialecte, cle, dry_run)

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await answered(scope, receive)
        except Stop as stop:
            answer = stop.answer
        except Disconnected:
            return
        except Throttled as throttled:
            answer = too_many(str(throttled), throttled.retry_after_seconds)
        except Transient:
            answer = UNAVAILABLE
        except Exception:
            await reply(send, said(BUG))
            raise
        await reply(send, said(answer))

    return endpoint


def _check_route(scope: Scope, path: str) -> None:
    if scope["path"] != path:
        raise Stop(_NOT_FOUND)
    if scope["method"] != "POST":
        raise Stop(_NOT_ALLOWED)


async def reply(send: Send, answer: Answer) -> None:
    """Send an HTTP response, with headers that forbid caching it or guessing its type."""
    headers = [*answer.headers, *PRIVATE, (b"content-length", b"%d" % len(answer.body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


_NOT_FOUND = problem(404, "adresse-inconnue", "Adresse inconnue", f"Envoyez vos messages par POST à {PATH}.")
_NOT_ALLOWED = problem(
    405,
    "methode-interdite",
    "Méthode non permise",
    f"Envoyez vos messages par POST à {PATH}, cherchez-les par GET.",
    headers=((b"allow", b"GET, POST"),),
)
