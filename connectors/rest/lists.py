"""Read code lists from a partner's REST service."""

from collections.abc import Iterable, Mapping

from pydantic_core import from_json

from connectors.rest.session import RestSession
from contracts.errors import Misconfigured
from contracts.rest import LISTE, EntreeRest

LIST_MAX_BYTES = 1024 * 1024


async def read_lists(entree: EntreeRest, names: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """Return the labels of codes: name of the list → code → label. A list that the service lacks is left out.

    Raises Misconfigured if the service refuses the hub or sends no code list; PartnerUnavailable or Throttled
    if it fails.
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
