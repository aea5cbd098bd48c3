"""Program of all simulated SIAO in one process, so that a merged one knows what its predecessors have done.

`python -m simulation.desks CONFIG.json…`.
"""

from functools import partial

from simulation import program, siao, siao_rest
from simulation.cast import SIAO_REST
from simulation.config import Config
from simulation.siao_memory import Memory


async def main(memory: Memory, config: Config) -> None:
    desk = siao_rest.serve if config.id == SIAO_REST.id else siao.serve
    await desk(config, memory)


if __name__ == "__main__":
    program.run(partial(main, Memory()))
