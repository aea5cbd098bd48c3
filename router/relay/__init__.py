"""Publish pending events on Kafka. A pending event is accepted, and not yet applied. The subjects are divided
into shards. Each shard has one relay, under a lease.

Once a published event is no longer pending, it was applied. An event that stays pending too long is published
again under the same id. After a restart, all pending events are published. Workers apply only pending events: a
repetition has no effect.

The gateway of the same process hands over the events of the small messages that it commits. All other events
are read from the outbox, the table of pending events. Partners take turns, small messages before bulk
(`domain/turns`). An event is published together with all earlier pending events of its subject.
"""
