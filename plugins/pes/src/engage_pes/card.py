"""The definition card of the Product Engagement Score."""

from typing import Any

from engage_server.sdk import Card, Timing, Vector


def active(*told: tuple[str, int, int]) -> list[dict[str, Any]]:
    """Rows of active days: day, person, account."""
    return [{"day": day, "person": person, "account": account} for day, person, account in told]


def use(person: int, name: str, account: int = 1) -> dict[str, Any]:
    """A row of the use of a feature."""
    return {"person": person, "account": account, "feature": ord(name[0]), "feature_name": name, "uses": 1}


# Accounts 1 and 2 are there in June, 2 and 3 were in May: one gained, one stayed, one dropped.
DAYS = active(("2026-06-30", 1, 1), ("2026-06-30", 2, 2), ("2026-05-20", 2, 2), ("2026-05-20", 3, 3))
USES = [use(1, "export"), use(1, "share"), use(2, "export", 2)]
EXAMPLE = {"active": DAYS, "uses": USES}

SCORE = Card(
    formula="mean of adoption, stickiness and growth, each 0 to 100: adoption = 100 x core features used / core "
    "features, mean "
    "over active persons; stickiness = mean of the days' 100 x DAU / MAU; growth = 100 x (N + R) / (N + R + D) of "
    "accounts new "
    "or recovered (N + R) and dropped (D) against the window before",
    source="Pendo 360054782691; userpilot.com product-engagement-score. Growth as a share is ours: Pendo's ratio "
    "(N + R) / D "
    "is unbounded and fails at D = 0. retention_2019: yahiahassan.substack.com",
    edge_rules=(
        "Growth 50 is flat; null where nobody was gained or dropped.",
        "A component that is null is left out of the mean, and components says how many there are; none: null, NO_DATA.",
        "variant names the formula of the third component: scores of different variants are not comparable.",
        "ratio: 100 x (N + R) / D, at most 100, null at D = 0. retention_2019: stayed / (stayed + dropped).",
        "Core are the features named, else all that anybody used in the window. One named that nobody used counts "
        "as unused.",
        "Of an account, growth is that of its persons; one that was active only before has its growth alone, 0.",
        "Days of which the month before them is empty have no stickiness.",
    ),
    vectors=(
        Vector(
            "two persons used 2 and 1 of 2 features; the first and the second came on the last day, and the "
            "second weeks before; "
            "one account gained, one dropped",
            "adoption 75; growth 50",
            "by the formula",
            rows=EXAMPLE,
            measured={
                "adoption": 75,
                "growth": 50,
                "gained": 1,
                "dropped": 1,
                "stayed": 1,
                "variant": "share",
            },
        ),
        Vector(
            "one person on the last day, with the only feature, never before",
            "100 in all three",
            "by the formula",
            rows={"active": DAYS[:1], "uses": USES[:1]},
            measured={"value": 100, "adoption": 100, "stickiness": 100, "growth": 100, "components": 3},
        ),
        Vector(
            "the same person of the same account in the window before, too",
            "growth is null: the mean of two",
            "definition: null if all 0",
            rows={"active": active(("2026-06-30", 1, 1), ("2026-05-30", 1, 1)), "uses": USES[:1]},
            measured={"growth": None, "components": 2, "adoption": 100, "status": "OK"},
        ),
        Vector(
            "the first example by the ratio",
            "1 / 1: 100",
            "Pendo's first formula",
            rows=EXAMPLE,
            measured={"growth": 100, "variant": "ratio"},
            config={"variant": "ratio"},
        ),
        Vector(
            "the first example by the score of 2019",
            "1 of 2 accounts stayed: 50",
            "yahiahassan.substack.com",
            rows=EXAMPLE,
            measured={"growth": 50, "variant": "retention_2019"},
            config={"variant": "retention_2019"},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A mean hides its parts: a product may grow while those who came before stop using it.",
)
