"""Import in a thread what a process may leave out at its start. The first message that needs such a module would
otherwise hold the event loop, and so everything else of the process, for up to a quarter of a second."""

import asyncio
import sys
from collections.abc import Iterator, Set
from contextlib import suppress
from importlib import import_module

from contracts.partner import EntreeSftp, SortieSftp
from router.domain.partners import Registry
from router.domain.roles import Role

JUDGING = {Role.GATEWAY, Role.SOURCES, Role.WORKER}
"""Roles that judge events: a gateway judges before it accepts."""
WORKING_DAYS, SFTP = "holidays.countries.france", "connectors.sftp"


async def load(roles: Set[Role], registry: Registry) -> None:
    """Import what these roles need for the partners of this registry. A module that cannot be imported is left to
    the partner that needs it."""
    for module in needed(roles, registry):
        if module not in sys.modules:
            with suppress(ImportError):
                await asyncio.to_thread(import_module, module)


def needed(roles: Set[Role], registry: Registry) -> Iterator[str]:
    """Yield the names of the modules: the calendar of working days for who judges events, SFTP for who delivers to or
    reads from a partner over SFTP."""
    if roles & JUDGING:
        yield WORKING_DAYS
    partners = registry.partners.values()
    delivers = Role.DISPATCHER in roles and any(isinstance(each.sortie, SortieSftp) for each in partners)
    reads = Role.SOURCES in roles and any(isinstance(each.entree, EntreeSftp) for each in partners)
    if delivers or reads:
        yield SFTP
