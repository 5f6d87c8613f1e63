"""What the persons of a simulated company say in words."""

from random import Random
from typing import Final

SAYS: Final = 0.45
"""Chance that who gives a score adds a sentence."""
GLAD: Final = (
    "Our team lives in it. Could not go back.",
    "Set up in an afternoon, and support answered within the hour.",
    "The automations save me a day each month.",
    "Simple, quick, and my colleagues use it without being asked.",
)
SO_SO: Final = (
    "Does what it should; the reports could go deeper.",
    "Good, though search does not find what is in files.",
    "Fine for us, a little dear for the number of seats.",
)
SORRY: Final = (
    "Slow since the last release, and nobody tells us why.",
    "We pay for seats that nobody uses.",
    "I had to ask three times before somebody answered.",
    "Too many steps for what we do every day.",
    "We are looking at something cheaper.",
)
NOTES: Final = (
    ("billing", "Would like one invoice for all their sites."),
    ("reports", "Asks for a report by team that can be sent each Monday."),
    ("slow", "Boards of more than 500 cards open slowly."),
    ("integration", "Wants single sign-on before they roll it out further."),
    ("praise", "Their operations lead shows it to other departments."),
)
"""What the company's own people write down of a talk: what it is about, and what was said."""


def comment(random: Random, *, share: float) -> str:
    """A sentence that suits a score at this share of its scale, 0 to 1; often none."""
    if random.random() >= SAYS:
        return ""
    return random.choice(GLAD if share >= 0.9 else SO_SO if share >= 0.65 else SORRY)
