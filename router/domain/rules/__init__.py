"""Business rules: they compute the effects of each event, which are new states of subjects, messages of the
hub, and recipients.

The rules read no clock: the time is an argument. They read only the unencrypted fields of a message.
"""
