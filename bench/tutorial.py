"""The FastStream tutorial, with which the hub is compared: model in, publisher out, default settings.

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
    """The bodies of the bench, as a model."""

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
    """Return the application of the tutorial."""
    broker = KafkaBroker(bootstrap)

    @broker.subscriber(source)
    @broker.publisher(target)
    async def handle(message: Vacance) -> Vacance:
        return message

    return FastStream(broker)


if __name__ == "__main__":
    asyncio.run(application(*sys.argv[1:]).run())
