"""Signed receipts: fetched from the gateway, and verified by the hub's code and by an outsider's script."""

import re
import subprocess
import sys
from pathlib import Path

from router.domain.receipts import SignedReceipt, verified
from router.privacy.audit_keys import receipt_key, signing_key
from tests.integration.registry import key_of
from tests.integration.world import World

GUIDE = Path(__file__).parents[2] / "docs" / "guide-partenaire" / "recus.md"


async def receipt(
    world: World, ident: object, partner: str = "centre", of: str = "messages"
) -> tuple[int, dict[str, str], str]:
    headers = {"Authorization": f"Bearer {key_of(partner)}"}
    async with world.http.get(f"{world.base}/v1/{of}/{ident}/recu", headers=headers) as response:
        return response.status, dict(response.headers), await response.text()


def judged(world: World, jws: str) -> SignedReceipt:
    keys = [[key(world.settings).public_key()] for key in (receipt_key, signing_key)]
    return verified(jws, *keys)


def script(
    folder: Path, world: World, jws: str, body: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    """Verify a receipt with the script of the partners' guide, without the hub's code, database or network."""
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (folder / "recu.py").write_text(program)
    (folder / "recu.jws").write_text(jws)
    (folder / "corps").write_bytes(body or b"")
    keys = [key(world.settings).public_key().public_bytes_raw().hex() for key in (receipt_key, signing_key)]
    command = [sys.executable, "-I", "recu.py", "recu.jws", *keys, *(["corps"] if body is not None else [])]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
