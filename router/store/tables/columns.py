"""Metadata to which the tables belong, and columns that many of them have."""

from datetime import datetime

from sqlalchemy import Column, DateTime, MetaData, func

metadata = MetaData()
keys_metadata = MetaData()


def at(name: str = "at", nullable: bool = False) -> Column[datetime]:
    """Make a timestamp column. It has the present moment as default, or may be null."""
    default = None if nullable else func.now()
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def said(name: str) -> Column[datetime]:
    """Make a timestamp column that is not null and has no default."""
    return Column(name, DateTime(timezone=True), nullable=False)
