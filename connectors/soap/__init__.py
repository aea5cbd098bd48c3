"""Exchange messages by SOAP: deliver to partners' services, and fetch removals of demands from the SNE (the
national register of demands for social housing). The gateway's responses in SOAP are made here too."""

from connectors.soap.answer import enveloped
from connectors.soap.sink import SoapSink
from connectors.soap.source import SneSource

__all__ = ["SneSource", "SoapSink", "enveloped"]
