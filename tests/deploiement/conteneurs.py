"""Scenario: build the image and start `compose.yaml` under podman by the commands of the documentation; kill the
hub and let it come back.

Debian packages replace the Python image, and `images/` those of Kafka and PostgreSQL, so that no image registry is
needed. Without systemd podman runs no health checks, so the services are started one by one.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.folder import run_folder
from deploy.local.postgres import client_tools
from tests.deploiement import place
from tests.deploiement.debian import ROOT, debian

NEEDED = ("podman", "runc", "iptables", "openssl", "mvn", "pgrep")
PACKAGES = "python3,python3-pip,python3-venv,python-is-python3,ca-certificates,openjdk-17-jre-headless"
SCRIPT = Path(__file__).with_name("conteneurs.sh")
IMAGES = Path(__file__).with_name("images")
OURS = {
    "registre.exemple.fr/python:3.11-slim@sha256:…": "localhost/debian",
    "src=autorite.pem": "src=/etc/ssl/certs/ca-certificates.crt",
}
LONGEST_SECONDS = 1800
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".cache", ".*_cache", "dist", "__pycache__", "secrets", ".env"
)
CONTAINERS = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{folder}/tmp"
[network]
network_config_dir = "{folder}/reseaux"
"""
STORAGE = """
[storage]
driver = "overlay"
graphroot = "{folder}/couches"
runroot = "{folder}/run"
"""


def commands_of_the_pages() -> dict[str, str]:
    """Return the commands of the documentation for the image, the passwords and the keys, by name, with this
    scenario's names in them."""
    (image,) = re.findall(r"^`(docker build .*)`$", (ROOT / "docs/exploitation.md").read_text("utf-8"), re.M)
    for theirs, ours in OURS.items():
        image = image.replace(theirs, ours)
    chapter = (ROOT / "README.md").read_text("utf-8").partition("\nAvec des conteneurs")[2]
    passwords, keys, _up = re.findall(r"^\$ (.+?)(?:\s{2,}# .*)?$", chapter.partition("\n```\n")[0], re.M)
    return {"IMAGE": image, "SECRETS": passwords, "CLES": keys}


def furnish(folder: Path) -> dict[str, str]:
    """Fill a folder with the checkout, the content of the images, and podman's own settings. Return the environment
    variables for podman."""
    shutil.copytree(ROOT, folder / "hub", ignore=LEFT_OUT)
    (folder / "hub/partners.toml").write_text(place.REGISTRY)
    shutil.copytree(IMAGES, folder, dirs_exist_ok=True)
    broker = ["mvn", "--quiet", "--batch-mode", "--strict-checksums", f"--file={folder}/kafka/pom.xml"]
    jars = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}/kafka/lib"]
    subprocess.run([*broker, *jars], check=True)
    server = client_tools().parents[1]
    for part in (server, server.with_name(f"{server.name}.libs")):
        shutil.copytree(part, folder / "postgres/programmes" / part.name)
    for name, text in (("CONTAINERS_CONF", CONTAINERS), ("CONTAINERS_STORAGE_CONF", STORAGE)):
        (folder / name).write_text(text.format(folder=folder))
    return {name: str(folder / name) for name in ("CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF")}


def play() -> bool:
    """Run the scenario. Return whether the image was built, the hub installed, killed, and back at work."""
    base = debian("debian-conteneurs", PACKAGES)
    with run_folder("conteneurs") as folder:
        settings = {
            "FOLDER": str(folder),
            "DEBIAN": str(base),
            "PLACE": place.__file__,
            "TMPDIR": str(folder),
        }
        settings |= {
            "UV": str(Path(sys.executable).with_name("uv")),
            **furnish(folder),
            **commands_of_the_pages(),
        }
        command = ["timeout", str(LONGEST_SECONDS), "bash", str(SCRIPT)]
        done = subprocess.run(command, cwd=folder / "hub", env={**os.environ, **settings}, check=False)
    return done.returncode == 0
