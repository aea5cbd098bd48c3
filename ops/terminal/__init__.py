"""Parts that all commands share: environment, questions, output."""
