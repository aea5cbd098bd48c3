"""Exchange with a partner's REST service that has a form login: changed records (« fiches ») are read, and
objects are updated by PUT."""

from connectors.rest.sink import RestSink
from connectors.rest.source import RestSource

__all__ = ["RestSink", "RestSource"]
