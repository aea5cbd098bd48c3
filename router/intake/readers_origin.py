"""Imported last by the process of which every reader is a fork: what that process has imported, no reader walks."""

from router.interpreter import tune_interpreter

tune_interpreter()
