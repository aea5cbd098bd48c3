"""Define the metadata of the tables, and columns that many tables have."""

from datetime import datetime

from sqlalchemy import Column, DateTime, MetaData, func

metadata = MetaData()
keys_metadata = MetaData()


def at(name: str = "at", nullable: bool = False) -> Column[datetime]:
    """Make a timestamp column that is not null, and whose default is the present time. With `nullable`, make
    one that may be null, and has no default."""
    default = None if nullable else func.now()
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def said(name: str) -> Column[datetime]:
    """Make a timestamp column that is not null and has no default."""
    return Column(name, DateTime(timezone=True), nullable=False)
