"""Publish pending events on Kafka. Each shard has one relay, under a lease.

A pending event is accepted, and not yet applied. A shard is a part of all subjects. A published event that is
no longer pending was applied. An event that stays pending too long is published again under the same id.
After a restart, all pending events are published. Workers apply only pending events: a repetition has no
effect.

The gateway of the same process hands over the small messages that it commits; all else is read from the
outbox, the table of pending events. Partners take turns, small messages before bulk (`domain/turns`). An
event is published together with all earlier pending events of its subject.
"""
