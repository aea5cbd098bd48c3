"""The one error of the bench."""


class BenchFailed(Exception):
    """A message was refused, lost or doubled, or a program died: no figure of this run counts. In French."""
