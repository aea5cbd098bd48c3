"""Prepare the fork server, from which all processes that decode messages are forked.

Import this module last: the garbage collector then leaves out everything that was imported before.
"""

from router.process.interpreter import leave_no_image, tune_interpreter

leave_no_image()
tune_interpreter()
