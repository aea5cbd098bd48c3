"""Program of a visitor who logs in to the console again and again: `python -m tests.hostile.visiting PORT SEED
SECONDS RESULTS`.

At each login the hub asks its hostile identity provider. The visitor must get an answer in time, and none that
reports an error of the hub.
"""

import http.client
import time
from urllib.parse import parse_qs, urlsplit

from console.oidc import BACK
from tests.hostile.hurling import ANSWER_SECONDS, Told, Unfair, main

PAUSE_SECONDS = 0.3
"""Pause between two logins. Faster visitors are asked to wait."""


class Visitor(Told):
    """Attacker that logs in to the console, until the hub has sent it to the identity provider at least once."""

    wanted = frozenset({303})

    def run(self, seed: int) -> None:
        """Log in again and again."""
        while self._goes_on():
            try:
                self._log_in()
            except Unfair as exc:
                self.found.append(f"console : {exc}")
            time.sleep(PAUSE_SECONDS)

    def _log_in(self) -> None:
        begun = self._asked("/connexion", {})
        if begun.status != 303:
            return
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        cookie = begun.headers["set-cookie"].partition(";")[0]
        self._asked(f"{BACK}?state={state}&code=a", {"cookie": cookie})

    def _asked(self, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
        except TimeoutError:
            raise Unfair("aucune réponse") from None
        finally:
            connection.close()
        self.answers[answer.status] += 1
        if answer.status == 500:
            raise Unfair("réponse 500")
        return answer


if __name__ == "__main__":
    main(Visitor)
