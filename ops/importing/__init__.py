"""Import of a retired application's data. The hub takes it in as messages, and delivers it to the SIAO's
software."""
