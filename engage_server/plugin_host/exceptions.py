"""What can be wrong with a plugin, its configuration or its activation."""

from collections.abc import Mapping


class PluginHostError(Exception):
    """Base of all errors of this package."""


class BrokenPluginError(PluginHostError):
    """A plugin does not keep the contract; says plugin, distribution, hook and remedy."""


class ClashError(PluginHostError):
    """Two owners claim the same name; names both."""


class UnknownPluginError(PluginHostError):
    """No installed plugin has this id."""


class PluginDisabledError(PluginHostError):
    """The plugin is installed but the tenant has not enabled it."""


class InvalidConfigurationError(PluginHostError):
    """A configuration does not fit the plugin's model.

    ``problems`` maps the field's path ("bands.0.label") to what is wrong with it.
    """

    def __init__(self, plugin: str, problems: dict[str, str]) -> None:
        self.plugin = plugin
        self.problems = problems
        lines = "; ".join(f"{field}: {message}" for field, message in problems.items())
        super().__init__(f"The configuration of {plugin!r} is not valid. {lines}")


class SealingError(PluginHostError):
    """A secret of a configuration cannot be sealed or opened; says why."""


class ConsentNeededError(PluginHostError):
    """A plugin reads what the tenant has not agreed to.

    ``reads`` maps the name of each such thing to what it is, in words.
    """

    def __init__(self, plugin: str, reads: Mapping[str, str], *, remedy: str = "") -> None:
        self.plugin = plugin
        self.reads = dict(reads)
        lines = "; ".join(reads.values())
        remedy = remedy or f"agree with `manage.py plugin enable {plugin} --agree`, or disable it"
        super().__init__(f"The plugin {plugin!r} reads what was not agreed to: {lines}. Remedy: {remedy}.")


class PluginFailedError(PluginHostError):
    """The hook raised, broke the contract or passed a limit; nothing of the run is stored.

    ``trace``: where in the plugin's code, one call a line; empty where that is not known.
    """

    def __init__(self, message: str, *, trace: str = "") -> None:
        self.trace = trace
        super().__init__(message)

    @property
    def with_trace(self) -> str:
        """The sentence and, below it, where it happened."""
        return f"{self}\n{self.trace}" if self.trace else str(self)
