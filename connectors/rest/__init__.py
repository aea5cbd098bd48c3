"""Exchange messages with a partner's REST service, after a login by a form. The hub reads changed records
(«fiches»), and updates objects by PUT."""

from connectors.rest.sink import RestSink
from connectors.rest.source import RestSource

__all__ = ["RestSink", "RestSource"]
