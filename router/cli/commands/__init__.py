"""The commands, a file a group: what each takes, and its help. Each imports what it does when it is called."""
