"""Measures of the hub beside the FastStream tutorial, on one broker and one database: `make bench`.

Load, partner and tutorial are small programs of their own, so that what is measured is the hub.
"""
