"""Read and write tables (CSV, XLSX and ODS) by a column profile in TOML.

This code has nothing for a particular type of partner. The profile (`adapters/profiles/*.toml`) says what
each column means, where the header is, and which format is written. The words of the state column say which
event a row reports. The type of the contract's field decides how a cell is read.
"""
