"""Why the front does not hand a request on."""


class FrontError(Exception):
    """Base of all errors of this package."""


class CrowdedError(FrontError):
    """No thread, room for the body or kept connection is free for this sender now; nothing of it was looked at."""


class BodyNotReceivedError(OSError, FrontError):
    """The body was not received: it came too slowly, ended early, or was not wanted.

    An OSError, so that Django tells views of it as of any body that cannot be read.
    """
