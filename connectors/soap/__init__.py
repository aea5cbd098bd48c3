"""SOAP: messages in an envelope, deliveries to a partner's service, removals from the SNE."""

from connectors.soap.answer import enveloped
from connectors.soap.sink import SoapSink
from connectors.soap.source import SneSource

__all__ = ["SneSource", "SoapSink", "enveloped"]
