"""Import slow modules in a thread, after the start of a process. Without this, the first message that needs
one would block the event loop for up to 0.25 s."""

import asyncio
import sys
from collections.abc import Iterator, Set
from contextlib import suppress
from importlib import import_module

from contracts.sftp import EntreeSftp, SortieSftp
from router.domain.partners import Registry
from router.domain.roles import Role

JUDGING = {Role.GATEWAY, Role.SOURCES, Role.WORKER}
"""The roles that apply rule books. A gateway does so before it accepts a message."""
WORKING_DAYS, SFTP = "holidays.countries.france", "connectors.sftp"


async def load(roles: Set[Role], registry: Registry) -> None:
    """Import the slow modules that these roles need for the partners of the registry. A module that cannot be
    imported is skipped: the role that uses it then fails with the error."""
    for module in needed(roles, registry):
        if module not in sys.modules:
            with suppress(ImportError):
                await asyncio.to_thread(import_module, module)


def needed(roles: Set[Role], registry: Registry) -> Iterator[str]:
    """Yield the names of the slow modules that these roles will need, so that the caller imports them early.
    They are the module of public holidays, if a role applies rules, and the module of SFTP, if a role reads
    or delivers by SFTP."""
    if roles & JUDGING:
        yield WORKING_DAYS
    partners = registry.partners.values()
    delivers = Role.DISPATCHER in roles and any(isinstance(each.sortie, SortieSftp) for each in partners)
    reads = Role.SOURCES in roles and any(isinstance(each.entree, EntreeSftp) for each in partners)
    if delivers or reads:
        yield SFTP
