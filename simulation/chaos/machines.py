"""Two separate machines for the hub's processes, each of which can be cut off from PostgreSQL and Kafka.

A machine is a network namespace, whose 127.0.0.1 leads over a virtual cable to the outside: every address
stays the same.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import PartUnavailable

NEEDED = ("ip", "iptables", "sysctl")
BASE = 3
"""Number of the machine of PostgreSQL and Kafka."""


def can_separate() -> bool:
    """Return whether this process may make machines: it is root and has the programs."""
    return os.geteuid() == 0 and all(map(shutil.which, NEEDED))


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PartUnavailable(f"{' '.join(command)} : {done.stderr.strip()}")
    return done.stdout


def _sweep() -> None:
    """Remove what killed runs have left of their machines."""
    names = re.findall(r"^(siao(\d+)-\d)", _run("ip", "netns", "list"), re.MULTILINE)
    rules = re.findall(r"^-A (.*--comment siao(\d+) .*)$", _run("iptables", "-t", "nat", "-S"), re.MULTILINE)
    for rule, run in rules:
        if not Path("/proc", run).exists():
            _run("iptables", "-t", "nat", "-D", *rule.split())
    for name, run in names:
        if not Path("/proc", run).exists():
            _run("ip", "netns", "delete", name)


@dataclass(frozen=True, slots=True)
class Machine:
    """Machine and its virtual cable. `name`: also the outer end's; `inside`, `outside`: addresses of the
    ends."""

    name: str
    inside: str
    outside: str

    @property
    def entered(self) -> list[str]:
        """First words of a command that is to run in this machine."""
        return ["ip", "netns", "exec", self.name]

    def rule(self, act: str, rule: str) -> None:
        """Add (`-A`) or delete (`-D`) an iptables rule in this machine."""
        _run(*self.entered, "iptables", act, *rule.split())

    def make(self) -> None:
        """Make the machine and its cable, between its 127.0.0.1 and that outside."""
        _run("ip", "netns", "add", self.name)
        _run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "cable", "netns", self.name)
        _run("ip", "addr", "add", f"{self.outside}/30", "dev", self.name)
        _run("ip", "link", "set", self.name, "up")
        _run("sysctl", "-q", f"net.ipv4.conf.{self.name}.route_localnet=1")
        for command in (
            f"ip addr add {self.inside}/30 dev cable",
            "ip link set cable up",
            "ip link set lo up",
            "sysctl -q net.ipv4.conf.all.route_localnet=1",
            f"iptables -t nat -A OUTPUT -d 127.0.0.1 -p tcp -j DNAT --to-destination {self.outside}",
            "iptables -t nat -A PREROUTING -i cable -p tcp -j DNAT --to-destination 127.0.0.1",
            "iptables -t nat -A POSTROUTING -o cable -j MASQUERADE",
            "iptables -t nat -A INPUT -i cable -j SNAT --to-source 127.0.0.1",
        ):
            _run(*self.entered, *command.split())

    def remove(self) -> None:
        """Remove the machine, with its cable and its rules."""
        _run("ip", "netns", "delete", self.name)


class Machines:
    """The two machines of the hub's processes, and the ports of PostgreSQL and Kafka outside."""

    def __init__(self, pair: Sequence[Machine], ports: Sequence[int]) -> None:
        self._pair = pair
        self._base = ",".join(map(str, ports))

    def entered(self, name: str) -> list[str]:
        """Return the first words of the command that starts a process, on the machine of its name's last
        digit."""
        return self._pair[int(name[-1]) - 1].entered

    @contextmanager
    def cut_off(self, number: int) -> Iterator[None]:
        """Drop all TCP packets between one machine and the others until the block ends."""
        if number == BASE:
            out, back = f"-m multiport --dports {self._base}", f"-m multiport --sports {self._base}"
            cut = self._pair
        else:
            out, back, cut = "", "", self._pair[number - 1 : number]
        rules = [f"OUTPUT -o cable -p tcp {out} -j DROP", f"INPUT -i cable -p tcp {back} -j DROP"]
        with ExitStack() as stack:
            for machine in cut:
                for rule in rules:
                    machine.rule("-A", rule)
                    stack.callback(machine.rule, "-D", rule)
            yield


@contextmanager
def two_machines(door: int, ports: Sequence[int]) -> Iterator[Machines]:
    """Make two machines, and remove them when the block ends.

    `door`: port of the gateway, in the first. `ports`: those of PostgreSQL and Kafka, outside.
    """
    own = os.getpid()
    net = f"10.{own // 256 % 256}.{own % 256}"
    pair = [Machine(f"siao{own}-{n}", f"{net}.{4 * n + 2}", f"{net}.{4 * n + 1}") for n in (1, 2)]
    rules = [
        *(f"PREROUTING -i {machine.name} -p tcp -j DNAT --to-destination 127.0.0.1" for machine in pair),
        *(f"INPUT -s {machine.inside} -j SNAT --to-source 127.0.0.1" for machine in pair),
        f"OUTPUT -d 127.0.0.1 -p tcp --dport {door} -j DNAT --to-destination {pair[0].inside}",
        f"POSTROUTING -o {pair[0].name} -j MASQUERADE",
    ]
    _sweep()
    with ExitStack() as stack:
        for machine in pair:
            machine.make()
            stack.callback(machine.remove)
        for rule in rules:
            marked = [*rule.split(), "-m", "comment", "--comment", f"siao{own}"]
            _run("iptables", "-t", "nat", "-A", *marked)
            stack.callback(_run, "iptables", "-t", "nat", "-D", *marked)
        yield Machines(pair, ports)
