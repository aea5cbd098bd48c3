"""Make a FastAPI application report errors as French problem details (RFC 9457), even for an unknown address
or method. Bugs are left to the application's caller."""

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from connectors.answer import Answer, Stop
from connectors.problem import UNAVAILABLE, problem
from contracts.errors import Misconfigured, Transient
from contracts.ports import Rejet

ADDRESS_UNKNOWN = problem(
    404,
    "adresse-inconnue",
    "Adresse inconnue",
    "Le hub ne sert rien à cette adresse : vérifiez-la, sans « / » à la fin. La page /docs les liste toutes.",
)

NO_PARAMETER = problem(
    400,
    "parametre-invalide",
    "Paramètre invalide",
    "Retirez ce qui suit « ? » : cette adresse n'a aucun paramètre.",
    [Rejet("parametre_inconnu", "Paramètre inconnu : retirez-le. Cette adresse n'en a aucun.")],
)


def answer_problems(api: FastAPI, rules: Mapping[str, str]) -> None:
    """Make an application send its error responses as problem details. `rules`: name of a parameter → French
    text on its allowed values."""

    @api.exception_handler(Misconfigured)
    @api.exception_handler(Transient)
    async def unavailable(_: Request, __: Exception) -> Response:
        return response(UNAVAILABLE)

    @api.exception_handler(Stop)
    async def stopped(_: Request, stop: Stop) -> Response:
        return response(stop.answer)

    @api.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        return response(wrong_parameters(error, rules))

    @api.exception_handler(HTTPException)
    async def otherwise(_: Request, error: HTTPException) -> Response:
        return response(ADDRESS_UNKNOWN if error.status_code == 404 else _wrong_method(error))


def wrong_parameters(error: RequestValidationError, rules: Mapping[str, str]) -> Answer:
    """Return a 400 response that names the wrong parameters and says what is allowed, never the values that
    were sent. `rules`: name of each parameter that exists → French text on its allowed values."""
    fields = sorted({str(detail["loc"][-1]) for detail in error.errors()})
    rejets = [
        Rejet("parametre_invalide", rules[field], champ=field)
        if field in rules
        else Rejet("parametre_inconnu", f"Paramètre inconnu : retirez-le. Permis : {', '.join(rules)}.")
        for field in fields
    ]
    return problem(400, "parametre-invalide", "Paramètre invalide", "Corrigez les paramètres nommés.", rejets)


def without_parameters(request: Request) -> None:
    """Raise Stop (400) if the request has a query parameter. Routes that take no parameters depend on this
    function."""
    if request.query_params:
        raise Stop(NO_PARAMETER)


def response(answer: Answer) -> Response:
    """Convert an HTTP response of the hub into a response of the web framework."""
    return Response(answer.body, answer.status, {k.decode(): v.decode() for k, v in answer.headers})


def _wrong_method(error: HTTPException) -> Answer:
    allowed = (error.headers or {}).get("Allow", "")
    headers = ((b"allow", allowed.encode()),) if allowed else ()
    detail = (
        f"Appelez cette adresse par {allowed or 'une autre méthode'} : la page /docs dit laquelle fait quoi."
    )
    return problem(error.status_code, "methode-interdite", "Méthode non permise", detail, headers=headers)
