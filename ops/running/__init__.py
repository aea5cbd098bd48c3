"""Processes of the hub. A role is a part that a process plays (gateway, relay, worker…), a duty a job that a
role does for as long as its process lives."""
