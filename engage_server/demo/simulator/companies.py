"""The two simulated companies: what they sell, how often it is used, and what happens to their customers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DAYS: Final = 180
"""Length of a new company's history, in days."""


class Story(StrEnum):
    """What happens to an account. Days are counted from the first simulated day."""

    STEADY = "STEADY"
    FADING = "FADING"  # its people stop coming between day 60 and day 140; it cancels on day 172
    SLIPPING = "SLIPPING"  # three quarters of its people stop coming between day 115 and day 150
    OUTGROWN = "OUTGROWN"  # hires people without buying seats
    OVERSOLD = "OVERSOLD"  # bought far more seats than it has people
    LEFT = "LEFT"  # cancels between day 50 and day 150; its people stop coming in the three weeks before
    WON = "WON"  # signs up between day 10 and day 140, on trial for two weeks


@dataclass(frozen=True, slots=True)
class Feature:
    """A part of a company's product.

    Args:
        event: name of the event that using it sends; Engage takes it for the feature's name.
        weight: how often it is chosen, against the others.
        reach: share of the persons for whom it is of any use, 0 to 1.
        released_on: day of its release, counted from the first simulated day.
    """

    event: str
    weight: float
    reach: float
    released_on: int = 0


@dataclass(frozen=True, slots=True)
class Company:
    """A customer of Engage. ``weekdays`` is the chance that a person comes, Monday first.

    Args:
        month_edge: chance on the last two and first three days of a month, where the weekday is a working day;
            None where months do not matter.
        actions: mean number of actions in a visit.
        mood: general satisfaction, -1 to 1; ``drift`` is added to it over the 180 days.
        seat_price: monthly, per seat and plan.
        managers: who of the company looks after its customers.
        names: customers' names. The first four live the stories FADING, SLIPPING, OUTGROWN and OVERSOLD, and
            some of the others LEFT or WON; of those whose names begin with the same word the first owns the others.
    """

    slug: str
    name: str
    timezone: str
    cadence: str
    product: str
    weekdays: tuple[float, float, float, float, float, float, float]
    month_edge: float | None
    actions: float
    persons_per_account: float
    features: tuple[Feature, ...]
    effort_instrument: str
    mood: float
    drift: float
    currency: str
    seat_price: tuple[tuple[str, int], ...]
    managers: tuple[str, ...]
    names: tuple[str, ...]


ACME: Final = Company(
    slug="acme",
    name="Acme Boards",
    timezone="Europe/Berlin",
    cadence="DAILY",
    product="a collaboration tool, used every working day",
    weekdays=(0.46, 0.5, 0.5, 0.46, 0.38, 0.03, 0.04),
    month_edge=None,
    actions=1.5,
    persons_per_account=6.5,
    features=(
        Feature("Card Created", 10, 0.95),
        Feature("Comment Added", 8, 0.85),
        Feature("Search Performed", 5, 0.6),
        Feature("File Shared", 4, 0.5),
        Feature("Timeline Opened", 3, 0.4),
        Feature("Calendar Synced", 2, 0.3),
        Feature("Automation Run", 4, 0.55, released_on=105),
        Feature("Guest Invited", 1, 0.2),
        Feature("Report Viewed", 2, 0.25),
        Feature("PDF Exported", 0.3, 0.2),
    ),
    effort_instrument="ces_support",
    mood=0.1,
    drift=0.35,
    currency="EUR",
    seat_price=(("Team", 9), ("Business", 15), ("Enterprise", 24)),
    managers=("Mara Lind", "Jonas Weber", "Aylin Kaya"),
    names=(
        "Bluebird Media", "Corvus Security", "Kestrel Robotics", "Quarry & Sons", "Nordwind Logistik",
        "Nordwind Retail", "Nordwind Energie", "Alder Studio", "Amber Clinics", "Atlas Freight", "Birch Analytics",
        "Brightwater", "Cascade Foods", "Cedar Legal", "Cobalt Games", "Delta Print",
        "Driftwood Hotels", "Elm Street Schools", "Ember Kitchens", "Falcon Transit", "Fern & Fox",
        "Foxglove Pharma", "Gable Homes", "Granite Works", "Harbour Insurance", "Hazel Fashion",
        "Iris Optics", "Juniper Travel", "Kiln Ceramics", "Lantern Books", "Larch Mobility",
        "Linden Verlag", "Maple Dental", "Meridian Maps", "Mosaic Events", "Novum Labs", "Oakline Interiors",
        "Opal Finance", "Otter Apps", "Pebble Toys", "Pine Ridge Parks", "Quill Content", "Raven Audio",
        "Reed Water", "Sable Motors", "Saffron Catering", "Tern Aviation", "Thistle Farms", "Umber Paints",
        "Willow Care",
    ),
)  # fmt: skip

GLOBEX: Final = Company(
    slug="globex",
    name="Globex Invoicing",
    timezone="America/New_York",
    cadence="MONTHLY",
    product="an invoicing service, used when the month ends",
    weekdays=(0.09, 0.09, 0.09, 0.09, 0.08, 0.02, 0.02),
    month_edge=0.62,
    actions=4,
    persons_per_account=7.0,
    features=(
        Feature("Invoice Sent", 10, 0.9),
        Feature("Payment Matched", 7, 0.7),
        Feature("Reminder Sent", 4, 0.5),
        Feature("Credit Note Issued", 2, 0.3),
        Feature("Bank Synced", 3, 0.45),
        Feature("Tax Report Exported", 1, 0.2),
        Feature("Invoice Approved", 4, 0.5, released_on=95),
        Feature("Fax Sent", 0.3, 0.2),
    ),
    effort_instrument="ces_invoicing",
    mood=0.15,
    drift=-0.4,
    currency="USD",
    seat_price=(("Basic", 12), ("Pro", 29), ("Corporate", 55)),
    managers=("Dana Brooks", "Luis Ortega"),
    names=(
        "Harlow Publishing", "Carver Dairy", "Vista Solar", "Monument Steel", "Stratton Foods", "Stratton Freight",
        "Stratton Stores", "Aldine Press", "Ashford Realty", "Beacon Hill Legal", "Bergen Supply",
        "Boone Orchards", "Canal Street Bank", "Chandler Auto", "Clearfield Medical",
        "Colton Builders", "Dover Ferries", "Eastman Tools", "Fairmont Events", "Garnet Jewelers",
        "Glenwood Nursery", "Grafton Paper", "Hudson Roasters", "Inwood Fitness", "Jarvis Plumbing",
        "Keystone Uniforms", "Lakeside Dental", "Ludlow Music", "Madison Optical", "Mercer Trucking",
        "Newport Boats", "Norwood Schools", "Orchard Software", "Palmer Staffing", "Pierce Glass",
        "Quincy Travel", "Redwood Vet", "Rockport Fisheries", "Salem Books", "Sutton Bakery", "Tilden Farms",
        "Union Laundry", "Vernon Hotels", "Wharton Labs", "York Tailors",
    ),
)  # fmt: skip

COMPANIES: Final = (ACME, GLOBEX)
