"""Imported last by the process of which every reader is a fork: the garbage collector of a reader passes over what
that process had imported before."""

from router.process.interpreter import tune_interpreter

tune_interpreter()
