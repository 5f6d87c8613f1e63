"""``python -m tests.chaos.engine [--kills N] [--minutes N] [--seed N]``: kills workers and dispatchers while they compute.

Afterwards every run must have ended well, every value be there once and equal a clean recomputation, and what a
killed worker had in hand must have been taken from it within a minute of its death.
"""

import argparse
import importlib

from tests.bench.harness import own_database


def main() -> None:
    """Run the trial on a database of its own; it raises where a promise was broken."""
    parser = argparse.ArgumentParser(prog="make chaos-engine", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=25, help="fail where it takes longer")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with own_database():
        trial = importlib.import_module("tests.chaos.engine_trial")  # it imports models: Django must be ready
        trial.survive(kills=options.kills, seed=options.seed, minutes=options.minutes)


if __name__ == "__main__":
    main()
