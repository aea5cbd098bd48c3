"""Functions that all commands share: they read settings from the environment, put questions to the person,
and print results."""
