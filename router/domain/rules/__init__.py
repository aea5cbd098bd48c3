"""Business rules: new states, derived events and recipients of each event.

Pure: the time is an argument. The rules read only the unencrypted fields of a message.
"""
