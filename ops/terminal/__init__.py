"""Parts that all commands share: environment, questions to the person, output."""
