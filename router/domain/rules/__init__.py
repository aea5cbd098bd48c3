"""Business rules: for each event, determine new states, derived events and recipients.

Pure: the time is an argument. The rules read only the unencrypted fields of a message.
"""
