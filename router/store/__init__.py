"""Statements in SQL, one module for each table or two. A statement takes arrays: a whole batch of rows at a
time."""
