"""What can go wrong around events."""


class ActivityError(Exception):
    """Base of all errors of this package."""


class StaleRollupsError(RuntimeError):
    """A mistake of ours: roll-ups are read that may be behind."""


class RepeatedIdsError(ActivityError):
    """A batch was written as new, and is not."""


class InvalidDefinitionError(ActivityError):
    """An event name cannot be defined so."""


class UnknownFeatureError(ActivityError):
    """The dictionary has no feature of this name."""


class UnknownEventNameError(ActivityError):
    """The dictionary has no such event name."""


class UnknownPresetError(ActivityError):
    """There is no preset of this name."""


class SourceInUseError(ActivityError):
    """A source has events already, so that its environment stays."""


class InvalidSourceError(ActivityError):
    """A source cannot be called so."""
