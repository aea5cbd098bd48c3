"""Scenario: a Debian under systemd installs the hub by the commands of the handbook, word for word, without
network.

The hub is killed and comes back, first as one unit, then with one unit for each role; then the machine powers off.
It uses the Kafka and PostgreSQL of this machine through the shared loopback interface.
"""

import re
import shutil
import subprocess
from pathlib import Path

from deploy.local import Parts, local_parts
from deploy.local.folder import run_folder
from deploy.local.postgres import client_program
from tests.deploiement import place
from tests.deploiement.debian import ROOT, debian

PAGE = ROOT / "docs" / "exploitation.md"
PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv,util-linux"
NEEDED = ("systemd-nspawn",)
OURS = ("hub.env", "partners.toml")
LAST = "siao-hub status"
PASSWORD = "essai"
LONGEST_SECONDS = 1200
DONE = "INSTALLE"
UNIT = """
[Unit]
After=dbus.service
[Service]
Type=oneshot
TimeoutStartSec=infinity
WorkingDirectory=/root
ExecStart=/bin/bash /opt/essai/essai.sh
ExecStopPost=/usr/bin/systemctl --no-block poweroff
StandardOutput=file:/opt/essai/journal
StandardError=file:/opt/essai/journal
[Install]
WantedBy=multi-user.target
"""
AFTER = f"""
place=0
# Tue le premier processus d'une unité pendant qu'une place passe, et attend qu'il soit revenu.
tue() {{
    place=$((place + 1))
    python3 /opt/essai/place.py $place &
    avant=$(systemctl show --property NRestarts --value $1)
    systemctl kill --kill-whom=main --signal=KILL $1
    until [ $(systemctl show --property NRestarts --value $1) != $avant ]; do sleep 0.5; done
    wait $!
}}
tue siao-hub
siao-hub status
systemctl disable --now siao-hub
roles="gateway sources relay worker dispatcher scheduler"
systemctl enable --now $(printf 'siao-hub@%s ' $roles)
for role in $roles; do tue siao-hub@$role; done
siao-hub status
siao-hub audit verify
systemctl stop $(printf 'siao-hub@%s ' $roles)
! grep -l "Uid:.*$(id -u siao-hub)" /proc/[0-9]*/status
for unit in siao-hub siao-hub@worker; do systemd-analyze security --no-pager $unit | tail -1; done
echo {DONE}
"""


def commands_of_the_page(beginning: str) -> list[str]:
    """Return the commands of the handbook's page whose line begins with this prompt, in order and without comments."""
    chapter = PAGE.read_text("utf-8").partition("\n## Installer\n")[2].partition("\n## ")[0]
    lines = re.findall(rf"^{re.escape(beginning)} (.+)$", chapter, re.MULTILINE)
    return [re.sub(r"\s{2,}# .*", "", line) for line in lines]


def script() -> str:
    """Return the shell script for the new machine: the page's commands, with our files where it asks for some, then
    the trial."""
    steps: list[str] = []
    for command in commands_of_the_page("#"):
        command = command.replace("partners apply", "partners apply --oui")  # nobody is there to answer
        steps.append(f"until {command}; do sleep 1; done" if command == LAST else command)
        if "exemple" in command:  # to be filled in
            steps += [
                f"cat /opt/essai/{name} > /etc/siao-hub/{name}" for name in OURS if command.endswith(name)
            ]
    return "\n".join(["set -euo pipefail", "PS4='+ ${SECONDS}s '", "set -x", *steps, AFTER])


def settings(parts: Parts) -> str:
    """Create the database as the page says. Return the example's settings, adapted to this machine's Kafka and
    PostgreSQL."""
    assert parts.postgres is not None
    for statement in commands_of_the_page("CREATE"):
        command = f"CREATE {statement.replace('…', PASSWORD)}"
        subprocess.run([client_program("psql"), parts.postgres.dsn, "--command", command], check=True)
    example = (ROOT / "deploy/systemd/hub.env.exemple").read_text("utf-8")
    files = [
        line
        for line in re.findall(r"^SIAO_HUB_\w+_FILE=.+$", example, re.M)
        if not re.search("KAFKA|TLS", line)
    ]
    ours = [
        f"SIAO_HUB_KAFKA__BOOTSTRAP={parts.bootstrap}",
        f"SIAO_HUB_DATABASE__URL=postgresql+asyncpg://hub:{PASSWORD}@127.0.0.1:{parts.postgres.port}/siao",
        "SIAO_HUB_HTTP__HOST=127.0.0.1",
    ]
    return "\n".join([*files, *ours, ""])


def furnish(machine: Path, parts: Parts) -> None:
    """Put the page's archive, the files that an operator brings, and the trial into the new machine."""
    home, trial = machine / "root", machine / "opt/essai"
    _wheels, archive = commands_of_the_page("$")
    subprocess.run(
        archive.replace("siao-hub.tar.gz", str(home / "siao-hub.tar.gz")).split(), cwd=ROOT, check=True
    )
    for name in ("kafka.mdp", "autorite.pem"):
        (home / name).touch()
    trial.mkdir()
    shutil.copy(place.__file__, trial)
    for name, text in (
        ("essai.sh", script()),
        ("hub.env", settings(parts)),
        ("partners.toml", place.REGISTRY),
    ):
        (trial / name).write_text(text)
    (machine / "etc/systemd/system/essai.service").write_text(UNIT)
    wanted = machine / "etc/systemd/system/multi-user.target.wants"
    wanted.mkdir(exist_ok=True)
    (wanted / "essai.service").symlink_to("../essai.service")


def boot(machine: Path) -> str:
    """Boot the machine, wait until it powers off, and return its journal."""
    alone = [] if Path("/run/systemd/system").exists() else ["--keep-unit"]
    command = ["systemd-nspawn", "--quiet", "--register=no", *alone, f"--directory={machine}", "--boot"]
    subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=LONGEST_SECONDS, check=False
    )
    return (machine / "opt/essai/journal").read_text("utf-8", "replace")


def play() -> bool:
    """Run the scenario. Return whether the hub was installed, killed, and back at work with nothing lost or
    doubled."""
    base = debian("debian", PACKAGES)
    with run_folder("deploiement") as folder, local_parts(own=True) as parts:
        machine = folder / "machine"
        subprocess.run(["cp", "-a", base, machine], check=True)
        furnish(machine, parts)
        journal = boot(machine)
    print(journal)  # noqa: T201  for a person in a terminal
    return DONE in journal.splitlines()
