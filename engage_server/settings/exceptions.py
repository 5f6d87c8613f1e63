"""What can be wrong with the environment."""


class SettingError(RuntimeError):
    """A setting is missing, malformed or unsafe, or what it names cannot be used; the message says the remedy."""
