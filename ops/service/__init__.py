"""Measure the level of service: how many referrals and candidacies are answered in time, after how many
hours, and how many still wait."""
