"""Parts that all commands share: settings from the environment, questions to the person, and output."""
