"""An installation by the commands of the pages, in machines and containers of its own."""
