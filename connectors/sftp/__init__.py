"""Exchange files over SFTP: files that partners leave for the hub, and files that the hub leaves for
partners."""

from connectors.sftp.sink import SftpSink
from connectors.sftp.source import SftpSource

__all__ = ["SftpSink", "SftpSource"]
