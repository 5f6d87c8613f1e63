"""``python -m tests.chaos.canary [--answers N] [--tenants N] [--seed N] [--pooler]``: nobody gets another's data.

Every value of a tenant carries its mark. Clients query and send while a worker computes, and all the while backends
of the database are terminated and cancelled. No answer may hold a foreign mark, nor may any table afterwards; errors
may be 503 and 429 with Retry-After alone. With ``--pooler`` server and worker reach the database through PgBouncer.
"""

import argparse
import importlib

from tests.bench.harness import own_database


def main() -> None:
    """Run the trial on a database of its own; it raises where a promise was broken."""
    parser = argparse.ArgumentParser(prog="make canary", description=__doc__)
    parser.add_argument("--answers", type=int, default=200_000)
    parser.add_argument("--tenants", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pooler", action="store_true", help="through PgBouncer in session mode")
    options = parser.parse_args()
    with own_database():
        trial = importlib.import_module("tests.chaos.canary_trial")  # it imports models: Django must be ready
        trial.survive(
            answers=options.answers, tenants=options.tenants, seed=options.seed, through_pooler=options.pooler
        )


if __name__ == "__main__":
    main()
