"""What every command shares: how it reads its environment, asks, and prints."""
