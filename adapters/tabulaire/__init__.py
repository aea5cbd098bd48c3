"""Tables as partners keep them: CSV, XLSX and ODS, read and written by a profile in TOML.

Nothing here knows a family of partners. What a column means, which words make which events, where the header is and
which format goes back stand in the profile (`adapters/profiles/*.toml`); how a cell is read follows from the type of
the contract's field.
"""
