"""Exits with 0 where the web process of this container answers, for the image's HEALTHCHECK."""

import http.client
import os
import sys

TIMEOUT_S = 3


def is_healthy(port: int) -> bool:
    """Whether /healthz says 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_healthy(int(os.environ.get("PORT", "8000"))))
