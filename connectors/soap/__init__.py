"""SOAP: messages that a partner sends in an envelope, and deliveries to its own service."""

from connectors.soap.answer import enveloped
from connectors.soap.sink import SoapSink

__all__ = ["SoapSink", "enveloped"]
