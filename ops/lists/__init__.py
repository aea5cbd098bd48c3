"""Read lists of places, referrals and candidacies from the database, page by page."""
