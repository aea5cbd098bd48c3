"""Exchange with a partner's REST service that has a form login: records (« fiches ») are read when they have
changed, objects are updated by PUT."""

from connectors.rest.sink import RestSink
from connectors.rest.source import RestSource

__all__ = ["RestSink", "RestSource"]
