"""Rules: new states, derived events, recipients. Pure; time comes in as `now`.

They read only the clear half of a contract, never what is sealed.
"""
