"""Rules: determine the new states, derived events and recipients that follow from an event.

Pure; the time is `now`. The rules read only the unencrypted part of a contract.
"""
