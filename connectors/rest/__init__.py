"""Exchange with a partner's REST service that has a form login: read changed records (« fiches »), update
objects by PUT."""

from connectors.rest.sink import RestSink
from connectors.rest.source import RestSource

__all__ = ["RestSink", "RestSource"]
