"""A partner's REST service with a form login: changed records (« fiches ») are read, objects updated by
PUT."""

from connectors.rest.sink import RestSink
from connectors.rest.source import RestSource

__all__ = ["RestSink", "RestSource"]
