"""Program with the FastStream tutorial, against which the hub is compared: a model in, a publisher out, default
settings.

`python -m bench.tutorial BOOTSTRAP IN OUT`, until SIGTERM.
"""

import asyncio
import sys
from datetime import date
from typing import Annotated

from faststream import FastStream
from faststream.kafka import KafkaBroker
from pydantic import BaseModel, Field


class Vacance(BaseModel):
    """Model of the message bodies that the benchmarks send."""

    type: str
    date_message: Annotated[str, Field(alias="dateMessage")]
    emetteur: dict[str, str]
    place: str
    structure: str
    commune: str
    adresse: str
    dispositif: str
    capacite: int
    compositions: list[str]
    accessible: bool
    disponible_le: Annotated[date, Field(alias="disponibleLe")]
    commentaire: str


def application(bootstrap: str, source: str, target: str) -> FastStream:
    """Return the tutorial's application, which copies each message from one topic to another."""
    broker = KafkaBroker(bootstrap)

    @broker.subscriber(source)
    @broker.publisher(target)
    async def handle(message: Vacance) -> Vacance:
        return message

    return FastStream(broker)


if __name__ == "__main__":
    asyncio.run(application(*sys.argv[1:]).run())
