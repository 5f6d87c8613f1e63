"""What can be wrong with a plugin, its configuration or its activation."""


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


class PluginFailedError(PluginHostError):
    """The hook raised, broke the contract or passed a limit; nothing of the run is stored."""
