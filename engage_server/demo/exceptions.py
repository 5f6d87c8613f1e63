"""What can go wrong in a demonstration."""


class DemoError(Exception):
    """Base of all errors of this package."""


class ServerFailedError(DemoError):
    """The server that the demo started did not come up, or ended."""


class RefusedError(DemoError):
    """The server answered a request of the demo with anything but success."""


class NotOursError(DemoError):
    """A tenant that the demo would use is somebody else's."""
