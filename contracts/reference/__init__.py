"""Reference data (`data/`, described in `data/LISEZMOI.md`), and field types that accept only its values."""
