"""Exchanges by SOAP: deliveries to a partner's service in envelopes, and the removals of demands from the SNE
(the national register of demands for social housing)."""

from connectors.soap.answer import enveloped
from connectors.soap.sink import SoapSink
from connectors.soap.source import SneSource

__all__ = ["SneSource", "SoapSink", "enveloped"]
