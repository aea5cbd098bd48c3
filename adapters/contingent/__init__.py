"""The prefect's reserved housing: State services, or the body to which the contingent is delegated."""
