"""The copies of a household's data that remain with partners and elsewhere after an erasure."""
