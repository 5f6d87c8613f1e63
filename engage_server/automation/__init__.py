"""What follows from numbers: rules raise signals about accounts and persons."""
