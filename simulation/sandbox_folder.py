"""The SFTP server of a sandbox: a folder that the hub visits, for you to play.

`python -m simulation.sandbox_folder FOLDER PORT`.
"""

import asyncio
import sys
from pathlib import Path

from simulation.sftp_server import sftp_server


async def main(folder: Path, port: int) -> None:
    """Serve until killed."""
    async with sftp_server(folder, port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
