"""A REST service with a form login: fiches read when they have changed, objects updated by PUT."""

from connectors.rest.sink import RestSink
from connectors.rest.source import RestSource

__all__ = ["RestSink", "RestSource"]
