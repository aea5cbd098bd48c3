"""SOAP: messages that a partner sends in an envelope, deliveries to its own service, and what the SNE's service says of
demands that have left it."""

from connectors.soap.answer import enveloped
from connectors.soap.sink import SoapSink
from connectors.soap.source import SneSource

__all__ = ["SneSource", "SoapSink", "enveloped"]
