"""Read code lists from a partner's REST service."""

from collections.abc import Iterable, Mapping

from pydantic_core import from_json

from connectors.rest.session import RestSession
from contracts.errors import Misconfigured
from contracts.rest import LISTE, EntreeRest

LIST_MAX_BYTES = 1024 * 1024


async def read_lists(entree: EntreeRest, names: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """Read the code lists `names` from a partner's REST service. Return the labels: name of the list → code →
    label. A list for which the service answers 404 is left out of the result.

    Raises Misconfigured if the service refuses the hub, or answers with something other than a code list;
    PartnerUnavailable or Throttled if the service fails.
    """
    session = RestSession(entree)
    try:
        found = {
            name: await session.read(entree.referentiels.replace(LISTE, name), LIST_MAX_BYTES)
            for name in names
        }
    finally:
        await session.close()
    return {name: _labels(name, body) for name, body in found.items() if body is not None}


def _labels(name: str, body: bytes) -> Mapping[str, str]:
    try:
        return {str(each["id"]): str(each.get("libelle") or each["nom"]) for each in from_json(body)}
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise Misconfigured(
            f"La liste « {name} » n'a pas la forme attendue : « referentiels » est-il juste ?"
        ) from exc
