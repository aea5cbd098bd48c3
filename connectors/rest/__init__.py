"""Exchange with a partner's REST service that has a form login. Changed records (« fiches ») are read; objects
are updated by PUT."""

from connectors.rest.sink import RestSink
from connectors.rest.source import RestSource

__all__ = ["RestSink", "RestSource"]
