"""Benchmarks of the hub, compared with the FastStream tutorial on the same Kafka and PostgreSQL: `make bench`.

The sender, the receiving partner and the tutorial are small programs in processes of their own, so that the hub's
cost is measured without theirs.
"""
