"""PgBouncer in session mode between the server and its PostgreSQL, as some operators run it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.bench.serving import free_port, wait_until_it_answers

PROGRAM: Final = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CONFIGURATION: Final = """
[databases]
{database} = host={host} dbname={database} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = session
default_pool_size = 150
max_client_conn = 500
server_login_retry = 1
server_reset_query = DISCARD ALL
ignore_startup_parameters = extra_float_digits
"""


@contextmanager
def pooled(*, host: str, database: str) -> Iterator[str]:
    """The address of the database behind PgBouncer; ``host`` is the folder of PostgreSQL's socket."""
    assert PROGRAM, "PgBouncer is not installed; on Debian and Ubuntu: apt-get install pgbouncer"
    with tempfile.TemporaryDirectory(prefix="engage-pooler-") as folder:
        port, file = free_port(), Path(folder) / "pgbouncer.ini"
        file.write_text(CONFIGURATION.format(database=database, host=host, port=port))
        user: list[str] = []
        if os.geteuid() == 0:  # it refuses to run as root
            Path(folder).chmod(0o755)
            user = ["-u", Path(host).owner()]  # who alone may enter the folder of the socket
        process = subprocess.Popen([PROGRAM, "-q", *user, str(file)])
        try:
            wait_until_it_answers(port)
            yield f"postgresql://postgres@127.0.0.1:{port}/{database}"
        finally:
            process.terminate()
            process.wait(timeout=30)
