"""Tune the process of which every reader is a fork. It imports this module last: the garbage collector of a reader
passes over all that was imported before."""

from router.process.interpreter import leave_no_image, tune_interpreter

leave_no_image()
tune_interpreter()
