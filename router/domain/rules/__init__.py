"""Rules: determine the new states, derived events and recipients that follow from an event.

Pure; the time is `now`. The rules read only the clear half of a contract, never sealed data.
"""
