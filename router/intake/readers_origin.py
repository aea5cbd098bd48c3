"""Prepare the fork server, from which all reader processes are forked.

Import this module last: everything imported before is then left out of garbage collection.
"""

from router.process.interpreter import leave_no_image, tune_interpreter

leave_no_image()
tune_interpreter()
