"""The command `python -m deploy.postgres [--schema siao_hub]`: print the SQL statements that grant the hub its
rights, for `psql`."""

import argparse

from deploy.postgres.rights import statements


def main() -> None:
    """Print the statements in one transaction, so that a running hub lacks no right at any moment."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.postgres", description="Les droits sur PostgreSQL."
    )
    parser.add_argument("--schema", default="siao_hub", help="celui de SIAO_HUB_DATABASE__SCHEMA_NAME")
    schema = parser.parse_args().schema
    for statement in ("BEGIN", *statements(schema), "COMMIT"):
        print(f"{statement};")


main()
