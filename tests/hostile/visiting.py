"""Somebody at the console who logs in again and again: `python -m tests.hostile.visiting PORT SEED SECONDS RESULTS`.

Each login has the hub ask its identity provider. It is judged as a request at the door is: the visitor gets an answer
in time, and none that says that something is our fault.
"""

import http.client
import time
from urllib.parse import parse_qs, urlsplit

from console.oidc import BACK
from tests.hostile.hurling import ANSWER_SECONDS, Told, Unfair, main

PAUSE_SECONDS = 0.3
"""An address that asks more often is told to wait."""


class Visitor(Told):
    """Logs in until its time is over."""

    def run(self, seed: int) -> None:
        """One login after the other."""
        while time.monotonic() < self._deadline:
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
