"""Files exchanged over SFTP: left by partners for the hub, and by the hub for partners."""

from connectors.sftp.sink import SftpSink
from connectors.sftp.source import SftpSource

__all__ = ["SftpSink", "SftpSource"]
