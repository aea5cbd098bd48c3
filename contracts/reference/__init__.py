"""Reference data (files under `data/`, described in `data/LISEZMOI.md`), and the field types that check against it:
identifiers, code lists, territories, age bands."""
