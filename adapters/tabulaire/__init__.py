"""Tables (CSV, XLSX and ODS) read and written by a column profile in TOML (`adapters/profiles/*.toml`).

It says what each column means, where the header is, and which format is written. The words of its state
column say which event a row reports.
"""
