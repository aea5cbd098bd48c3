"""Real Apache Kafka and PostgreSQL on this machine, for development, the demo and the tests.

Most callers need only `with local_parts() as parts:`. Fault tests take `KafkaCluster` and `PostgresServer` from
their modules. On Linux this package promises:

* no process outlives its parent, however the parent ends (kill -9 included);
* two runs at the same time share neither a port nor a folder;
* data is removed when the run ends; the data of a crashed run by the next run.
"""

from deploy.local.errors import PartUnavailable
from deploy.local.parts import Parts, local_parts

__all__ = ["PartUnavailable", "Parts", "local_parts"]
