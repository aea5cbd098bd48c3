"""`make deploiement`: a Debian that boots under systemd installs the hub by the commands of the handbook, word by word,
without network; the hub is killed and comes back; the machine powers off.

It needs root, debootstrap and systemd-nspawn. Kafka and PostgreSQL are those of this machine, which the new one shares
by its loopback.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local import local_parts
from deploy.local.folder import run_folder

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "exploitation.md"
BASE = ROOT / ".cache" / "debian"
MIRROR = "http://deb.debian.org/debian"
PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv,util-linux"
NEEDED = ("debootstrap", "systemd-nspawn")
SETTINGS_LINE = "install -D -m 0600 deploy/systemd/hub.env.exemple"
LONGEST_SECONDS = 1200
DONE = "INSTALLE"
UNIT = """
[Unit]
After=dbus.service
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/bash /opt/essai/essai.sh
ExecStopPost=/usr/bin/systemctl --no-block poweroff
StandardOutput=file:/opt/essai/journal
StandardError=file:/opt/essai/journal
[Install]
WantedBy=multi-user.target
"""
READY = """
import time, urllib.request
for _ in range(240):
    try:
        urllib.request.urlopen("http://127.0.0.1:8080/readyz", timeout=2)
        break
    except OSError:
        time.sleep(0.5)
else:
    raise SystemExit("le hub n'est pas prêt")
"""
AFTER = f"""
python3 /opt/essai/pret.py
avant=$(systemctl show --property MainPID --value siao-hub)
systemctl kill --kill-whom=main --signal=KILL siao-hub
while [ "$(systemctl show --property MainPID --value siao-hub)" = "$avant" ]; do sleep 0.2; done
python3 /opt/essai/pret.py
siao-hub status
systemd-analyze security --no-pager siao-hub | tail -1
echo {DONE}
"""
PARTNERS = """
[[partenaire]]
id = "centre-sans-serveur"
nom = "Centre sans serveur"
famille = "hebergement"
territoire = "38"
structures = ["380000042"]
dialectes = ["hebergement_json"]
dialecte_sortant = "hebergement_json"
livraison = "deduplique"
sortie = { type = "boite", releve_h = 4 }
"""


def commands_of_the_page() -> list[str]:
    """Return the commands that the page gives to root, in order, without its remarks."""
    chapter = PAGE.read_text("utf-8").partition("\n## Installer\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^# (.+)$", chapter, re.MULTILINE)
    return [re.sub(r"\s{2,}# .*", "", line) for line in lines]


def script() -> str:
    """Return what the new machine does: the page, with our settings where it asks for them, then the trial."""
    steps: list[str] = []
    for command in commands_of_the_page():
        steps.append(command.replace("partners apply", "partners apply --oui"))  # nobody is there to answer
        if command.startswith(SETTINGS_LINE):
            steps.append("cp /opt/essai/hub.env /etc/siao-hub/hub.env")
    return "\n".join(["set -euo pipefail", "PS4='+ ${SECONDS}s '", "set -x", *steps, AFTER])


def settings(parts: Mapping[str, str]) -> str:
    """Return the settings of the example for this machine's Kafka and PostgreSQL, which are on its own loopback."""
    example = (ROOT / "deploy/systemd/hub.env.exemple").read_text("utf-8")
    files = re.findall(r"^SIAO_HUB_\w+_FILE=/var/lib/.+$", example, re.MULTILINE)
    ours = [f"{name}='{value}'" for name, value in parts.items()]
    return "\n".join([*files, *ours, "SIAO_HUB_HTTP__HOST=127.0.0.1", ""])


def furnish(machine: Path, parts: Mapping[str, str]) -> None:
    """Put the archive of the page and the trial into the new machine."""
    place, trial = machine / "opt/siao-hub", machine / "opt/essai"
    for folder in ("dist", "deploy", "docs"):
        shutil.copytree(ROOT / folder, place / folder)
    (place / "partners.toml").write_text(PARTNERS)
    trial.mkdir()
    for name, text in (("essai.sh", script()), ("hub.env", settings(parts)), ("pret.py", READY)):
        (trial / name).write_text(text)
    (machine / "etc/systemd/system/essai.service").write_text(UNIT)
    wanted = machine / "etc/systemd/system/multi-user.target.wants"
    wanted.mkdir(exist_ok=True)
    (wanted / "essai.service").symlink_to("../essai.service")


def boot(machine: Path) -> str:
    """Boot the machine until it powers off, and return what it did."""
    alone = [] if Path("/run/systemd/system").exists() else ["--keep-unit"]
    command = ["systemd-nspawn", "--quiet", "--register=no", *alone, f"--directory={machine}", "--boot"]
    subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=LONGEST_SECONDS, check=False
    )
    return (machine / "opt/essai/journal").read_text("utf-8", "replace")


def missing() -> Sequence[str]:
    """Return what this machine lacks for the trial."""
    lacks = [tool for tool in NEEDED if shutil.which(tool) is None]
    return lacks if os.geteuid() == 0 else [*lacks, "root"]


def main() -> int:
    """Run the trial. The exit status is 0 where the hub was installed, killed and was there again."""
    if lacks := missing():
        print(f"non essayé : il manque {', '.join(lacks)}")  # noqa: T201  for a person in a terminal
        return 2
    if not BASE.exists():
        unfinished = BASE.with_name("debian.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", unfinished, MIRROR],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        unfinished.rename(BASE)
    with run_folder("deploiement") as folder, local_parts(own=True) as parts:
        machine = folder / "machine"
        subprocess.run(["cp", "-a", BASE, machine], check=True)
        furnish(machine, parts.environment)
        journal = boot(machine)
    print(journal)  # noqa: T201  likewise
    return 0 if DONE in journal.splitlines() else 1


if __name__ == "__main__":
    sys.exit(main())
