"""Prepare the fork server, from which decoding processes are started. The preparation is done when this
module is imported.

Import this module last: the garbage collector then leaves out all that was imported before.
"""

from router.process.interpreter import leave_no_image, tune_interpreter

leave_no_image()
tune_interpreter()
