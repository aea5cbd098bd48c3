"""Measure the hub beside the FastStream tutorial, on one broker and one database: `make bench`.

Load, partner and tutorial are small programs of their own, so that only the hub is measured.
"""
