"""Rights to read messages, encryption of data (sealing) and its keys, translation of partners' ids."""
