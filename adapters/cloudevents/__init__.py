"""CloudEvents: for any partner that would rather speak our contracts than a format of its own."""
