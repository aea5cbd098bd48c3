"""Query parameters that several pages share."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form
from pydantic import AwareDatetime

from ops.lists.sql import Behind
from router.store.jobs import Filter


def _behind(
    apres: AwareDatetime | None = None, apres_id: UUID | None = None, apres_cle: str = ""
) -> Behind | None:
    return Behind(apres, apres_id, apres_cle) if apres and apres_id else None


def _wanted(
    entree: Annotated[UUID | None, Form()] = None,
    cause: Annotated[str | None, Form()] = None,
    empreinte: Annotated[str | None, Form()] = None,
    partenaire: Annotated[str | None, Form()] = None,
) -> Filter:
    return Filter(entree, cause or None, empreinte or None, partenaire or None)


Suite = Annotated[Behind | None, Depends(_behind)]
"""The line after which a page continues; None for the first page."""
Voulu = Annotated[Filter, Depends(_wanted)]
"""One entry of the quarantine, or a group; all entries if the form is empty."""
