"""Recover lost events from Kafka, after the database went back to an earlier moment."""
