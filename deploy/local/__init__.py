"""Real parts on this machine, for development, the demo and the tests: Apache Kafka and PostgreSQL.

`with local_parts() as parts:` is all that most callers need; fault tests take `KafkaCluster` and
`PostgresServer` from their modules. What this package promises, on Linux:

* no process outlives its parent, however the parent dies (kill -9 included);
* two runs side by side share neither a port nor a folder;
* data goes when the run goes, and what a crashed run left is swept by the next one.
"""

from deploy.local.errors import PartUnavailable
from deploy.local.parts import Parts, local_parts

__all__ = ["PartUnavailable", "Parts", "local_parts"]
