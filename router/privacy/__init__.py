"""Protect personal data: encrypt stored data, keep the keys, and translate partners' ids into the hub's."""
