"""``python -m tests.chaos.deliveries [--kills N]``: kills workers and PostgreSQL while messages go to a real receiver.

Afterwards every message must have come, and no key with two contents.
"""

import argparse
import importlib

from tests.bench.harness import own_database


def main() -> None:
    """Run the trial on a database of its own; it raises where a promise was broken."""
    parser = argparse.ArgumentParser(prog="make chaos-deliveries", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    options = parser.parse_args()
    with own_database() as data_dir:
        trial = importlib.import_module(
            "tests.chaos.deliveries_trial"
        )  # it imports models: Django must be ready
        trial.survive(kills=options.kills, data_dir=data_dir)


if __name__ == "__main__":
    main()
