"""Prepare the fork server, from which decoding processes are started. The import of this module does it.

Import this module last: the garbage collector then leaves out all that was imported before.
"""

from router.process.interpreter import leave_no_image, tune_interpreter

leave_no_image()
tune_interpreter()
