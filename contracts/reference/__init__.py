"""Reference data and the types that check against it: identifiers, code lists, territories.

`identifiants` and `codes` hold the field types; `territoires` holds the official geographic code; `tranches`
the age bands. The data are files under `data/`, described in `data/LISEZMOI.md`: a new code is a change of
data only.
"""
