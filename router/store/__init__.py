"""Statements in SQL, one module for each table or two. They take arrays: a whole batch at a time."""
