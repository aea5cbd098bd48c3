"""Run the hub's processes. A role is a part that a process plays: gateway, relay, worker… A duty is a job
that a role does for as long as its process lives."""
