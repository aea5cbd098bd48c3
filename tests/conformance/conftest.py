"""The folder of a partner."""

import pytest

from .droppers import SftpDropper


@pytest.fixture
async def dropper(tmp_path):
    dropper = SftpDropper(tmp_path)
    await dropper.start()
    yield dropper
    await dropper.stop()
