"""Triggers by which PostgreSQL itself refuses or delays statements until the test removes them."""

from tests.integration.memory import Memory

_REFUSE = (
    "CREATE SEQUENCE refused",
    """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM nextval('refused'); RAISE 'disk full' USING ERRCODE = 'disk_full'; END $$""",
)
_OVERTAKE = (
    """CREATE FUNCTION overtake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           UPDATE lane SET token = token + 1 WHERE partner = NEW.partner AND subject = NEW.subject;
           RETURN NULL;
       END $$""",
    """CREATE TRIGGER overtaken AFTER UPDATE ON lane FOR EACH ROW
       WHEN (NEW.token > OLD.token AND pg_trigger_depth() = 0) EXECUTE FUNCTION overtake()""",
    """CREATE TRIGGER overtaken_at_once AFTER INSERT ON lane FOR EACH ROW
       WHEN (NEW.held_by IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION overtake()""",
)
_REFUSE_AN_ETAT = (
    """CREATE FUNCTION refuse_etat() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE 'no such state' USING ERRCODE = 'check_violation'; END $$""",
    """CREATE TRIGGER no_such_etat BEFORE UPDATE ON delivery FOR EACH ROW
       WHEN (NEW.etat = 'livree') EXECUTE FUNCTION refuse_etat()""",
)


class FullDisk:
    """A trigger that refuses one kind of statement (`INSERT`, `UPDATE`) on one table, as if its disk were full."""

    def __init__(self, memory: Memory, statement: str, table: str) -> None:
        self._memory = memory
        self._statement, self._table = statement, table

    async def fills(self) -> None:
        for statement in _REFUSE:
            await self._memory.sql(statement)
        await self._memory.sql(
            f"CREATE TRIGGER full_disk BEFORE {self._statement} ON {self._table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )

    async def refusals(self) -> int:
        """Return the number of refused statements."""
        query = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM refused"
        return int((await self._memory.sql(query))[0][0])

    async def is_mended(self) -> None:
        await self._memory.sql(f"DROP TRIGGER full_disk ON {self._table}")


async def refuse_that_anything_arrived(memory: Memory) -> None:
    """Make PostgreSQL refuse every delivery that is recorded as made. A retry does not help."""
    for statement in _REFUSE_AN_ETAT:
        await memory.sql(statement)


async def refuse_it_no_more(memory: Memory) -> None:
    await memory.sql("DROP TRIGGER no_such_etat ON delivery")


async def overtake_every_claim(memory: Memory) -> None:
    """Let another process claim each lane right after it was claimed, as if the first one had been frozen."""
    for statement in _OVERTAKE:
        await memory.sql(statement)


async def overtake_no_more(memory: Memory) -> None:
    await memory.sql("DROP TRIGGER overtaken ON lane")
    await memory.sql("DROP TRIGGER overtaken_at_once ON lane")
