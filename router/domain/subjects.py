"""Where a place, a referral or a candidacy stands: what the rules read and write. C0 and C1 only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from contracts.base import Nature


@dataclass(frozen=True, slots=True)
class Subject:
    """State of one subject; `version` grows by one at each change and fences reservations."""

    id: UUID
    nature: Nature
    etat: str
    version: int = 0
    donnees: Mapping[str, str | int | None] = field(default_factory=dict)
    menage: UUID | None = None
    due_at: datetime | None = None

    def moved(
        self,
        etat: str,
        *,
        due_at: datetime | None = None,
        donnees: Mapping[str, str | int | None] | None = None,
    ) -> Self:
        """The next version, in another state."""
        return replace(
            self,
            etat=etat,
            version=self.version + 1,
            due_at=due_at,
            donnees={**self.donnees, **(donnees or {})},
        )

    def noted(self, **donnees: str | int | None) -> Self:
        """The same version, knowing more: what is fenced by it stands."""
        return replace(self, donnees={**self.donnees, **donnees})

    def text(self, name: str) -> str | None:
        """A datum as text."""
        value = self.donnees.get(name)
        return None if value is None else str(value)

    def uuid(self, name: str) -> UUID | None:
        """A datum that is an id."""
        value = self.text(name)
        return UUID(value) if value else None
