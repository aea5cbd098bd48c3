"""Rights to read messages, data encryption (sealing) and its keys, and the translation of partners' ids."""
