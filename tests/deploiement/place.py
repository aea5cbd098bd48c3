"""Program that publishes place number N once the hub is ready, then waits until the SIAO's mailbox holds N
deliveries: `python3 place.py 1`.

It needs only Python, so it can run in a bare machine.
"""

import hashlib
import json
import sys
import time
import urllib.request
from collections.abc import Callable

HUB = "http://127.0.0.1:8080"
LONGEST_SECONDS = 180
STRUCTURE = "380000042"
CENTRE, SIAO = "cle-du-centre", "cle-du-siao"
REGISTRY = f"""
[[partenaire]]
id = "centre-sans-serveur"
nom = "Centre sans serveur"
famille = "hebergement"
territoire = "38"
structures = ["{STRUCTURE}"]
dialectes = ["hebergement_json"]
dialecte_sortant = "hebergement_json"
livraison = "deduplique"
cles_api = ["sha256:{hashlib.sha256(CENTRE.encode()).hexdigest()}"]
sortie = {{ type = "boite", releve_h = 4 }}

[[partenaire]]
id = "siao-38"
nom = "SIAO de l'Isère"
famille = "siao"
territoire = "38"
dialectes = ["si_siao_json"]
dialecte_sortant = "si_siao_json"
livraison = "deduplique"
cles_api = ["sha256:{hashlib.sha256(SIAO.encode()).hexdigest()}"]
sortie = {{ type = "boite", releve_h = 4 }}
"""


def ask(path: str, key: str, body: dict[str, str] | None = None, **headers: str) -> bytes:
    """Return the body of the answer to a request with this API key. Raises OSError unless it succeeds."""
    headers |= {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(HUB + path, data, headers)  # noqa: S310 - our own URL
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - likewise
        return bytes(answer.read())


def until(what: str, attempt: Callable[[], object]) -> None:
    """Repeat `attempt` until its result is true. Ends the program with an error after a deadline."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        try:
            if attempt():
                return
        except OSError:
            pass
        time.sleep(0.5)
    sys.exit(f"{what} : toujours pas après {LONGEST_SECONDS} s")


def publish(number: int) -> bytes:
    """Publish a place, under an idempotency key of its own, so that a repetition is the same message."""
    place = f"CH-{number}"
    said = {"type": "place.vacante", "place": place, "structure": STRUCTURE, "commune": "38185"}
    return ask("/v1/messages", CENTRE, {**said, "dispositif": "URGENCE"}, **{"Idempotency-Key": place})


def delivered() -> int:
    """Return the number of deliveries in the SIAO's mailbox."""
    return len(json.loads(ask("/v1/boite", SIAO))["envois"])


def main(number: int) -> None:
    """Publish place `number`, and wait until it is delivered. Ends with an error if one was lost or doubled."""
    until("prêt", lambda: ask("/readyz", SIAO))
    until("202", lambda: publish(number))
    until(f"{number} remise(s)", lambda: delivered() >= number)
    if (found := delivered()) != number:
        sys.exit(f"{found} places remises pour {number} publiées")
    print(f"{number} publiée(s), {number} remise(s) au SIAO")  # noqa: T201  for a person in a terminal


if __name__ == "__main__":
    main(int(sys.argv[1]))
