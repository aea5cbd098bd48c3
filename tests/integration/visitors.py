"""Visitors of the console over HTTP, and an identity provider that knows them."""

import html
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
"""Accounts of the identity provider: one of each profile, and some that the console must not let in. All are made
up."""
WITH_PROFILE = {Profil.SUPERVISION: "supervision", Profil.OPERATEUR: "astreinte", Profil.REFERENT: "referente",
                Profil.DPO: "dpo", Profil.PARTENAIRE: "partenaire"}  # fmt: skip
ELSEWHERE = {Profil.REFERENT: "ailleurs", Profil.PARTENAIRE: "voisin"}
"""Account for each limited profile to which nothing of the shelter `centre` belongs."""
_LINK = re.compile(r'<a\b(?![^>]*\bdownload\b)[^>]*\bhref="(/[^"#]*)')
_MENU = re.compile(r"<nav\b.*?</nav>", re.DOTALL)
_TOKEN = re.compile(r'name="jeton" value="([0-9a-f]+)"')


def console_settings(port: int, issuer: str, folder: Path) -> ConsoleSettings:
    """Return settings for a console on this machine."""
    secret = folder / "secret-oidc"
    secret.write_text("secret", encoding="utf-8")
    return ConsoleSettings(
        port=port, url=f"http://localhost:{port}", issuer=issuer, client_secret_file=secret
    )


@dataclass(frozen=True)
class Shown:
    """What a browser got for a request."""

    status: int
    text: str
    headers: Mapping[str, str]
    path: str
    """Path of the page after all redirections."""


class Visitor:
    """A person with a browser of their own."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._tokens: dict[str, str] = {}

    async def enters(self, sub: str, page: str = "/") -> Shown:
        """Ask for a page, and log in at the identity provider as `sub`."""
        async with self.http.get(self._base + page) as form:
            where = form.url
        async with self.http.post(where, data={"sub": sub}) as response:
            return await _shown(response)

    async def get(self, path: str, *, follow: bool = True, **headers: str) -> Shown:
        """Get a page."""
        async with self.http.get(self._base + path, allow_redirects=follow, headers=headers) as response:
            return await _shown(response)

    async def post(self, path: str, *, token: str | None = None, **fields: Any) -> Shown:
        """Post a form with this session's token, or with another one."""
        sent = {"jeton": await self.token() if token is None else token, **fields}
        async with self.http.post(self._base + path, data=sent) as response:
            return await _shown(response)

    async def walks(self, *, menus: bool = False) -> Mapping[str, str]:
        """Return the text of every page that links lead to, or, with `menus`, links of the menus alone; by path.
        Downloads are not followed."""
        found, shown = {"/"}, dict[str, str]()
        while found:
            path = found.pop()
            page = await self.get(path)
            assert page.status == 200, path
            shown[path] = page.text
            linking = "".join(_MENU.findall(page.text)) if menus else page.text
            found |= {html.unescape(link) for link in _LINK.findall(linking)} - shown.keys()
        return shown

    async def token(self) -> str:
        """Return the token against forged requests of this session's forms."""
        if (secret := self.secret()) not in self._tokens:
            found = _TOKEN.search((await self.get("/messages")).text)
            assert found is not None
            self._tokens[secret] = found[1]
        return self._tokens[secret]

    def url(self, path: str) -> str:
        """Return the URL of a page."""
        return self._base + path

    def shows(self, secret: str) -> None:
        """Make the browser send this session secret from now on."""
        self.http.cookie_jar.update_cookies({"siao": secret}, URL(self._base))

    def secret(self) -> str:
        """The session secret in the browser's cookie."""
        (cookie,) = [each for each in self.http.cookie_jar if each.key == "siao"]
        return str(cookie.value)


async def _shown(response: aiohttp.ClientResponse) -> Shown:
    return Shown(response.status, await response.text(), response.headers, response.url.path)


async def provider_says(issuer: str, sub: str, claims: Mapping[str, Any]) -> None:
    """Set the claims of an account at the identity provider."""
    async with aiohttp.ClientSession() as http, http.put(f"{issuer}/users/{sub}", json=claims) as response:
        assert response.status == 204


async def provider_revokes(issuer: str, sub: str) -> None:
    """Revoke all tokens of an account at the identity provider."""
    url = f"{issuer}/users/{sub}/revoke-tokens"
    async with aiohttp.ClientSession() as http, http.post(url) as response:
        assert response.status == 204


async def works_at(issuer: str | None, partner: str) -> str:
    """Add an account that belongs to this partner; return its subject."""
    sub = f"chez-{partner}"
    said = {PROFIL: Profil.PARTENAIRE, PERIMETRE: partner, "name": "Accueil"}
    await provider_says(str(issuer), sub, said)
    return sub


async def is_open(settings: ConsoleSettings) -> bool:
    """Return whether the console answers."""
    with suppress(aiohttp.ClientError):
        async with aiohttp.ClientSession() as http, http.get(f"{settings.url}/sante") as response:
            return response.status == 200
    return False


@asynccontextmanager
async def visitor(settings: ConsoleSettings, sub: str | None = None) -> AsyncIterator[Visitor]:
    """Give a visitor, logged in as `sub` if it is given, until the block ends."""
    visiting = Visitor(str(settings.url))
    try:
        if sub is not None:
            await visiting.enters(sub)
        yield visiting
    finally:
        await visiting.http.close()
