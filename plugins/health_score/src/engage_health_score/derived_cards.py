"""The definition cards of what follows from the scores: their change, their place, the queue and the roll-up."""

from engage_health_score.examples import FAMILY, ID, ONE, earlier, value, values
from engage_server.sdk import Card, Timing, Vector

TREND = Card(
    formula="The score of the day less that of 30 days ago; in the details against 7 and 90 days ago, and the slope.",
    source="changes against 7, 30 and 90 days ago and the slope, from daily snapshots.",
    edge_rules=(
        "Scores are compared as they are in force, overrides with them, and with that very day's alone.",
        "Without a score 30 days ago: null and NO_DATA, the other changes beside; without any earlier one: absent.",
        "Slope: points a week of the least-squares line through the scores of today, 7 and 30 days ago.",
        "Falling: the score of today and that of 7 days ago both lie falling_points or more below that of 30 days ago, "
        "so that a dip of one day is none. explainChange splits each change by its causes.",
    ),
    vectors=(
        Vector(
            "60 today, 70 a week ago, 80 thirty days ago, 50 ninety days ago",
            "-20 in 30 days, -10 in 7, +10 in 90; it is falling",
            "by the formula",
            rows={**values(60), "earlier": earlier(d7=70, d30=80, d90=50)},
            measured={"value": -20, "days_7": -10, "days_90": 10, "is_falling": True, "slope": -18900 / 4434},
            config=ONE,
            subject=("account", ID),
        ),
        Vector(
            "60 today, 80 a week ago and thirty days ago",
            "-20, and no sustained drop yet",
            "by the formula",
            rows={**values(60), "earlier": earlier(d7=80, d30=80)},
            measured={"value": -20, "days_90": None, "is_falling": False},
            config=ONE,
            subject=("account", ID),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A change of the configuration moves every score: look at what explainChange says before blaming people.",
)

PERCENTILE = Card(
    formula="100 · (scores below + half of the equal ones, itself among them) / scores of the peer group.",
    source="Requirement 119: one comparable score for each account, trials with trials. Peers under 10 give null.",
    edge_rules=(
        "Peers are the scored accounts of the same stage (default) or plan, or all.",
        "Ties share the middle rank. Among fewer than min_peers accounts: null and NO_DATA, their number beside.",
        "An account whose score is unknown has no place and is nobody's peer.",
    ),
    vectors=(
        Vector(
            "ten customers with scores of 5, 15 … 95; the one of 25",
            "the third of ten: 25",
            "by the formula",
            rows={
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in range(1, 11)],
                "values": [value("a", 10 * place - 5, id=(place + 7) % 10 + 1) for place in range(1, 11)],
            },
            measured={"value": 25, "n": 10, "peers": 10, "group": "CUSTOMER"},
            config=ONE,
            subject=("account", ID),
        ),
        Vector(
            "nine customers",
            "too few: null",
            "own: peers under 10",
            rows={
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in range(1, 10)],
                "values": [value("a", 10 * id, id=id) for id in range(1, 10)],
            },
            measured={"value": None, "status": "NO_DATA", "peers": 9},
            config=ONE,
            subject=("account", ID),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Half of all accounts are below the middle, however well they fare.",
)

QUEUE = Card(
    formula=(
        "Rank of the accounts in the bands RED and YELLOW, and of those that are falling: sustained drops first, then "
        "by worth · (100 - score) / 100, the largest first, then by score."
    ),
    source="Requirement 34: who is near to leaving comes before promoters; the order is ours.",
    edge_rules=(
        "Falling: the score of today and that of 7 days ago both lie falling_points or more below that of 30 days ago.",
        "Green accounts that are not falling and unknown ones are in no queue.",
        "An account whose worth is not known counts as worth nothing: behind all that have one, the lowest score first.",
        "Equal in everything: the account that is known longer comes first.",
    ),
    vectors=(
        Vector(
            "scores 20 and 40 of accounts worth 100 and 1,000",
            "the second has 600 at risk and place 1, the first 80 and place 2",
            "by the formula",
            rows={
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in (1, 2)],
                "values": [
                    value("a", 20), {**value("mrr", 100), "metric": "revenue.mrr"},
                    value("a", 40, id=2), {**value("mrr", 1000, id=2), "metric": "revenue.mrr"},
                ],
            },
            measured={"value": 2, "at_risk": 80, "worth": 100, "is_falling": False},
            config=ONE,
            subject=("account", ID),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A place says who comes first, and nothing of how bad it is.",
)  # fmt: skip

ROLL_UP = Card(
    formula=(
        "Mean of the direct children's scores, weighted by what their trees are worth, or by how many scored accounts "
        "they hold. A child with children of its own counts with its own roll-up."
    ),
    source="Totango 360000529203 (by contract value or count); ChurnZero 360003820251 (child average).",
    edge_rules=(
        "The parent's own score is left out; it is taken where no child has one.",
        "Children that are worth nothing at all are counted alike; details.weighting says COUNT.",
        "Children without a score are left out. Accounts without children have no value.",
        "Parents are those of the day; the server keeps circles out, and accounts in one would have no value.",
    ),
    vectors=(
        Vector(
            "children of 40 and 90, worth 300 and 100, of a parent of 10",
            "52.5: (300 · 40 + 100 · 90) / 400",
            "Totango [TOTE]",
            rows=FAMILY,
            measured={
                "value": 52.5,
                "n": 2,
                "band": "YELLOW",
                "weighting": "VALUE",
                "children": 2,
                "own": 10,
            },
            config=ONE,
            subject=("account", ID),
        ),
        Vector(
            "the same by count",
            "65",
            "ChurnZero [CZF], child average",
            rows=FAMILY,
            measured={"value": 65, "weighting": "COUNT"},
            config={**ONE, "roll_up": "count"},
            subject=("account", ID),
        ),
        Vector(
            "a parent of 10 whose child has no score",
            "10: its own",
            "ChurnZero [CZF]: falls back to the parent",
            rows={"accounts": FAMILY["accounts"], "values": [value("a", 10)]},
            measured={"value": 10, "children": 0, "own": 10},
            config=ONE,
            subject=("account", ID),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A mean hides the one child that leaves: look at the contributions.",
)
