"""What follows from numbers: rules raise signals, and messages about them are delivered."""
