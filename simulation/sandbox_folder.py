"""Program of a sandbox's SFTP server.

`python -m simulation.sandbox_folder FOLDER PORT`.
"""

import asyncio
import sys
from pathlib import Path

from simulation.sftp_server import sftp_server


async def main(folder: Path, port: int) -> None:
    """Serve the folder by SFTP until the process is killed."""
    async with sftp_server(folder, port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
