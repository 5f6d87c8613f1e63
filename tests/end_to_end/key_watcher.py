"""A server process that is asked with one key over and over: says ``open``, and when it was refused (seconds since 1970)."""

import sys
import time

import django

django.setup()

from engage_server.access.authentication import authenticate_reader  # noqa: E402  # likewise
from engage_server.access.exceptions import InvalidKeyError  # noqa: E402  # needs the apps to be loaded

PAUSE_S = 0.01


def main(key: str) -> None:
    authenticate_reader(key)
    print("open", flush=True)  # noqa: T201  # what the caller reads
    while True:
        try:
            authenticate_reader(key)
        except InvalidKeyError:
            print(time.time())  # noqa: T201  # likewise
            return
        time.sleep(PAUSE_S)


main(sys.stdin.readline().strip())
