"""Assembly of the services behind the pages of the desk."""

from dataclasses import dataclass

from ops.desk.declared import Declared
from ops.desk.dossiers import Dossiers
from ops.desk.finding import Finding
from ops.desk.free_places import FreePlaces
from ops.desk.lines import Lines
from ops.desk.reading import Reader
from ops.desk.speaking import Speaker
from ops.desk.todo import ToDo
from ops.desk.unanswered import Unanswered
from ops.tracing.own import Own
from router.delivery.mailbox import DeliveryMailbox
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.store.database import Database


@dataclass(frozen=True, slots=True)
class Desk:
    """Services that the desk's pages call, one for each theme."""

    own: Own
    reader: Reader
    speaker: Speaker
    lines: Lines
    todo: ToDo
    finding: Finding
    dossiers: Dossiers
    declared: Declared
    free_places: FreePlaces
    unanswered: Unanswered

    @classmethod
    def of(
        cls,
        database: Database,
        keyring: Keyring,
        crosswalk: Crosswalk,
        own: Own,
        mailbox: DeliveryMailbox,
        reader: Reader,
        speaker: Speaker,
    ) -> "Desk":
        """Build the services of the desk from parts of the hub."""
        lines = Lines(database, reader)
        return cls(
            own,
            reader,
            speaker,
            lines,
            ToDo(database, keyring, own, lines),
            Finding(database, keyring, reader, lines),
            Dossiers(database, mailbox, reader, speaker, lines),
            Declared(database, keyring, crosswalk, lines),
            FreePlaces(database),
            Unanswered(database, lines),
        )
