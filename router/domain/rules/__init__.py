"""Rules: from an event to new states, derived events and recipients. Pure; the time is `now`.

They read only the clear half of a contract, never sealed data.
"""
