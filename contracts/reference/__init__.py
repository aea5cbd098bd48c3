"""Reference data, and the field types that check against it: identifiers, code lists, territories.

`identifiants` and `codes` have the field types; `territoires` has the official geographic code; `tranches` the age
bands. The data are files under `data/`, described in `data/LISEZMOI.md`: a new code is a change of data only.
"""
