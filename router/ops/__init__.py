"""What people decide: replays, tasks, recovery, retention, forgetting, tracking."""
