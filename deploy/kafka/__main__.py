"""The command `python -m deploy.kafka [--prefixe siao] [--serveur HOTE:PORT]`: print the commands that grant each
account its rights."""

import argparse
import shlex

from deploy.kafka.rights import rights


def main() -> None:
    """Print the commands, one a line, for a person to read and run."""
    parser = argparse.ArgumentParser(prog="python -m deploy.kafka", description="Les droits sur Kafka.")
    parser.add_argument("--prefixe", default="siao", help="celui de SIAO_HUB_KAFKA__PREFIX")
    parser.add_argument("--serveur", default="localhost:9092", help="où l'administrateur se connecte")
    given = parser.parse_args()
    for right in rights(given.prefixe):
        print(shlex.join(["kafka-acls.sh", "--bootstrap-server", given.serveur, *right.command()]))


main()
