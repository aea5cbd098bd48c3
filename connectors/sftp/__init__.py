"""Exchange files over SFTP: fetch those that partners leave for the hub, and deliver those that the hub sends
to partners."""

from connectors.sftp.sink import SftpSink
from connectors.sftp.source import SftpSource

__all__ = ["SftpSink", "SftpSource"]
