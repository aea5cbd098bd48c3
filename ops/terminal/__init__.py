"""Settings from the environment, questions to the person, and output, for all commands."""
