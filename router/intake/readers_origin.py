"""Prepare the fork server of the decoding processes.

Import this module last: the garbage collector leaves out what was imported before.
"""

from router.process.interpreter import leave_no_image, tune_interpreter

leave_no_image()
tune_interpreter()
