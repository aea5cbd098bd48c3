"""The quarantine and its replays."""
