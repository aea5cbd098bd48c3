"""Read and write tables in the formats that partners use (CSV, XLSX and ODS), as a column profile in TOML
says.

This code knows no family of partners. The profile (`adapters/profiles/*.toml`) says what a column means,
which words make which events, where the header is, and which format is written. The type of the contract's
field says how a cell is read.
"""
