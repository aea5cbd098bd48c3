"""Hostile inputs that are made to be expensive, and a real hub under attack. A dialect must refuse such a body
cheaply."""
