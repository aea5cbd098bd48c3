"""Read and write tables (CSV, XLSX and ODS) by a column profile, a file in TOML (`adapters/profiles/*.toml`).

The profile says what each column means, where the header is, and in which format the hub writes. In a table
with a state column, the word in this column says which event a row reports.
"""
