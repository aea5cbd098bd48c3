"""Exchanges with a partner's REST service that has a form login: the hub reads changed records (« fiches »),
and updates objects by PUT."""

from connectors.rest.sink import RestSink
from connectors.rest.source import RestSource

__all__ = ["RestSink", "RestSource"]
