"""List the copies of a household's data that partners hold."""
