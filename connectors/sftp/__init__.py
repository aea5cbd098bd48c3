"""Files over SFTP: what partners drop for the hub, and what the hub drops for partners."""

from connectors.sftp.sink import SftpSink
from connectors.sftp.source import SftpSource

__all__ = ["SftpSink", "SftpSource"]
