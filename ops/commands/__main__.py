"""Run the `siao-hub` command line: `python -m ops.commands`."""

from ops.commands.main import main

main()
