"""The memory of the hub holds keys and names: nothing writes it to a file."""

import subprocess
import sys

ASKED = """
import ctypes, os, resource
from router.process.interpreter import leave_no_image
leave_no_image()
PR_GET_DUMPABLE = 3
said = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE), *resource.getrlimit(resource.RLIMIT_CORE)
if os.fork() == 0:
    os._exit(ctypes.CDLL(None).prctl(PR_GET_DUMPABLE))
print(*said, os.wait()[1])
"""


def test_a_process_leaves_no_image_of_its_memory_nor_do_its_forks():
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "0", "0", "0"]
