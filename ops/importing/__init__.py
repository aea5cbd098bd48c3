"""Import of a retired application's data. The rows of its export enter the hub as messages. The hub delivers
these messages to the SIAO's software."""
