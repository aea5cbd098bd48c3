"""Reference data, such as communes and code lists, and field types that accept only values from these data.
The files are in `data/`, described in `data/LISEZMOI.md`."""
