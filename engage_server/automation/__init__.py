"""What follows from numbers: rules raise signals, playbooks do what is due, and messages are delivered."""
