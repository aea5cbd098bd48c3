"""The audit is a signed hash chain of rows. This package searches the audit, and proves that it is whole."""
