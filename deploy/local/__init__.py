"""Real parts on this machine, for development, the demo and the tests: Apache Kafka and PostgreSQL.

Most callers need only `with local_parts() as parts:`. Fault tests take `KafkaCluster` and `PostgresServer` from their
modules. This package promises, on Linux:

* no process outlives its parent, however the parent dies (kill -9 included);
* two runs at once share neither a port nor a folder;
* data is removed when the run ends, and the data of a crashed run by the next run.
"""

from deploy.local.errors import PartUnavailable
from deploy.local.parts import Parts, local_parts

__all__ = ["PartUnavailable", "Parts", "local_parts"]
