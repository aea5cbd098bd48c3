"""Publish pending events on Kafka. Each shard has one relay, under a lease. A shard is a share of all subjects
(referrals, places…).

A relay remembers which events it has published. If such an event is no longer pending, a worker has applied it.
If the event stays pending too long, it is published again under the same id. After a restart, all pending
events are published. Workers apply only pending events, so a repetition has no effect.

The gateway of the same process hands over the events that it commits; all other events are read from the
outbox. Partners are served in turn, and small messages come before bulk (messages of more than 100 rows;
`domain/turns`). An event is published together with all earlier pending events of its subject.
"""
