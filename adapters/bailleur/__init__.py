"""Social landlords: candidacies out, decisions in."""
