"""Tables in the formats that partners keep: CSV, XLSX and ODS, read and written by a profile in TOML.

No code here knows a family of partners. The profile (`adapters/profiles/*.toml`) says what a column means, which
words make which events, where the header is, and which format is written back. The type of the contract's field says
how a cell is read.
"""
