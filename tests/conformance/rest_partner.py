"""A partner with a REST service: the hub PUTs deliveries into it, and reads its household files (fiches)."""

import json
from dataclasses import replace
from typing import Any, ClassVar

from connectors.rest import RestSink, RestSource
from contracts.ports import Native, Receipt
from contracts.rest import DocumentRest, EntreeRest, SortieRest

from .promises import Promise
from .rest_server import RestServer

NO_KEYS = "it knows objects and no keys: an object put twice is one, so nobody needs to ask"
NO_FILES = "it offers objects that it puts together, not files"


class _Named:
    """A sink for a dialect that names one object for each key."""

    def __init__(self, sink: RestSink) -> None:
        self._sink = sink

    async def send(self, native: Native, key: str) -> Receipt:
        return await self._sink.send(replace(native, headers={"content-location": f"/objets/{key}"}), key)

    async def close(self) -> None:
        await self._sink.close()


class RestPartner:
    NAME: ClassVar[str] = "rest"
    WAIVED: ClassVar[dict[Promise, str]] = {Promise.ASKED: NO_KEYS, Promise.ASKED_IN_VAIN: NO_KEYS}

    def __init__(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", "mot-de-passe")
        self.server = RestServer()

    async def start(self) -> None:
        await self.server.start()
        self.sink = _Named(RestSink(SortieRest(**self.server.entry)))

    async def stop(self) -> None:
        await self.sink.close()
        await self.server.stop()

    async def effects(self) -> list[bytes]:
        return list(dict(self.server.puts).values())

    async def go_away(self) -> None:
        await self.server.stop()

    async def come_back(self) -> None:
        await self.server.start()

    async def refuse(self, native, key) -> None:
        self.server.status = 422

    async def throttle(self, seconds: int) -> None:
        self.server.status, self.server.answer_headers = 429, {"Retry-After": str(seconds)}

    async def distrust(self) -> None:
        self.server.trusting = False

    async def lose_the_next_answer(self) -> None:
        self.server.hang_up = True

    async def behave(self) -> None:
        self.server.status, self.server.answer_headers = 204, {}
        self.server.hang_up, self.server.trusting = False, True


class RestDropper:
    """A source whose household files (fiches) have one object each: the content that a test dropped."""

    NAME: ClassVar[str] = "rest"
    WAIVED: ClassVar[dict[Promise, str]] = {
        Promise.EXACT_BYTES: NO_FILES,
        Promise.INCOMPLETE: "an object is there whole",
        Promise.DONE: "it has no place for a report, and nothing is removed from it",
        Promise.DONE_TWICE: "it has no place for a report, and nothing is removed from it",
        Promise.TWINS: NO_FILES,
        Promise.NEW_CONTENT: NO_FILES,
        Promise.RECOVERS: "settling a fiche asks nothing of the service",
    }

    def __init__(self, tmp_path) -> None:
        self.server = RestServer()

    async def start(self) -> None:
        await self.server.start()
        self.source = self.new_source()

    def new_source(self, **options: Any) -> RestSource:
        return RestSource(self.entree, **options)

    @property
    def entree(self) -> EntreeRest:
        return EntreeRest(
            **self.server.entry,
            type="rest",
            dialecte="si_siao_fiches",
            liste="/demandeInsertion/modifiees?depuis={depuis}",
            documents=(
                DocumentRest(nom="ficheSynthese", chemin="/fiches/ficheSynthese/{fiche}"),
                DocumentRest(nom="demandeInsertion", chemin="/demandeInsertion/derniere?idFiche={fiche}"),
            ),
        )

    async def stop(self) -> None:
        await self.source.close()
        await self.server.stop()

    async def drop(self, name: str, body: bytes) -> None:
        self.change(len(self.server.fiches) + 4711, {"texte": body.decode("latin-1")})

    def change(self, number: int, fiche: dict[str, Any], at: str = "2026-03-01T08:00:00") -> None:
        self.server.fiches[str(number)] = {"id": 1, "ficheId": number, "dateModification": at}
        self.server.objects[f"/fiches/ficheSynthese/{number}"] = json.dumps(fiche).encode()

    async def offered(self) -> list[Native]:
        return [native async for native in self.source.fetch()]

    async def go_away(self) -> None:
        await self.server.stop()

    async def distrust(self) -> None:
        self.server.trusting = False
