"""People in front of the console, over HTTP: an identity provider that knows them, and what each is shown."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from console.rights import PERIMETRE, PROFIL, Profil
from router.settings import ConsoleSettings

PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "supervision": {PROFIL: "supervision"},
    "astreinte": {PROFIL: "operateur", "name": "Astreinte du hub"},
    "referente": {PROFIL: "referent", PERIMETRE: ["01"], "name": "Référente du SIAO"},
    "ailleurs": {PROFIL: "referent", PERIMETRE: ["99"]},
    "dpo": {PROFIL: "dpo"},
    "partenaire": {PROFIL: "partenaire", PERIMETRE: "centre"},
    "voisin": {PROFIL: "partenaire", PERIMETRE: "centre-boite"},
    "personne": {},
    "sans-limite": {PROFIL: "referent"},
}
"""One of each kind, and some whom the console does not let in. All made up."""
WITH_PROFILE = {Profil.SUPERVISION: "supervision", Profil.OPERATEUR: "astreinte", Profil.REFERENT: "referente",
                Profil.DPO: "dpo", Profil.PARTENAIRE: "partenaire"}  # fmt: skip
ELSEWHERE = {Profil.REFERENT: "ailleurs", Profil.PARTENAIRE: "voisin"}
"""Somebody of each limited profile to whom nothing belongs that the shelter `centre` has."""
_TOKEN = re.compile(r'name="jeton" value="([0-9a-f]+)"')


def console_settings(port: int, issuer: str, folder: Path) -> ConsoleSettings:
    """A console on this machine."""
    secret = folder / "secret-oidc"
    secret.write_text("secret", encoding="utf-8")
    return ConsoleSettings(
        port=port, url=f"http://localhost:{port}", issuer=issuer, client_secret_file=secret
    )


@dataclass(frozen=True)
class Shown:
    """What a browser got."""

    status: int
    text: str
    headers: Mapping[str, str]
    path: str
    """Where it is, after every redirection."""


class Visitor:
    """One person with a browser of their own."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def enters(self, sub: str, page: str = "/") -> Shown:
        """Ask for a page, and say to the provider who they are."""
        async with self.http.get(self._base + page) as form:
            where = form.url
        async with self.http.post(where, data={"sub": sub}) as response:
            return await _shown(response)

    async def get(self, path: str, *, follow: bool = True, **headers: str) -> Shown:
        """A page."""
        async with self.http.get(self._base + path, allow_redirects=follow, headers=headers) as response:
            return await _shown(response)

    async def post(self, path: str, *, token: str | None = None, **fields: Any) -> Shown:
        """Send a form of ours, or one with another `token`."""
        sent = {"jeton": await self.token() if token is None else token, **fields}
        async with self.http.post(self._base + path, data=sent) as response:
            return await _shown(response)

    async def token(self) -> str:
        """What forms of this session send back."""
        found = _TOKEN.search((await self.get("/messages")).text)
        assert found is not None
        return found[1]

    def url(self, path: str) -> str:
        """Where a page is."""
        return self._base + path

    def shows(self, secret: str) -> None:
        """Have the browser show this secret from now on, whatever became of the cookie."""
        self.http.cookie_jar.update_cookies({"siao": secret}, URL(self._base))

    def secret(self) -> str:
        """What the cookie holds."""
        (cookie,) = [each for each in self.http.cookie_jar if each.key == "siao"]
        return str(cookie.value)


async def _shown(response: aiohttp.ClientResponse) -> Shown:
    return Shown(response.status, await response.text(), response.headers, response.url.path)


async def provider_says(issuer: str, sub: str, claims: Mapping[str, Any]) -> None:
    """From now on the identity provider says this of somebody."""
    async with aiohttp.ClientSession() as http, http.put(f"{issuer}/users/{sub}", json=claims) as response:
        assert response.status == 204


async def provider_revokes(issuer: str, sub: str) -> None:
    """Whatever the identity provider has given out for somebody is worth nothing any more."""
    url = f"{issuer}/users/{sub}/revoke-tokens"
    async with aiohttp.ClientSession() as http, http.post(url) as response:
        assert response.status == 204


async def works_at(issuer: str | None, partner: str) -> str:
    """Somebody who is of this partner, and may follow what is its own."""
    sub = f"chez-{partner}"
    said = {PROFIL: Profil.PARTENAIRE, PERIMETRE: partner, "name": "Accueil"}
    await provider_says(str(issuer), sub, said)
    return sub


async def is_open(settings: ConsoleSettings) -> bool:
    """Whether the console answers."""
    with suppress(aiohttp.ClientError):
        async with aiohttp.ClientSession() as http, http.get(f"{settings.url}/sante") as response:
            return response.status == 200
    return False


@asynccontextmanager
async def visitor(settings: ConsoleSettings, sub: str | None = None) -> AsyncIterator[Visitor]:
    """Somebody, logged in where they are named."""
    visiting = Visitor(str(settings.url))
    try:
        if sub is not None:
            await visiting.enters(sub)
        yield visiting
    finally:
        await visiting.http.close()
