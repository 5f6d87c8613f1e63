"""Customers of a tenant: accounts, persons and what ties them together. All in the tenant's schema.

Ids are dense integers of the tenant's own; outside, everything goes by ``external_id``.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Account(models.Model):
    """A customer company (or team) of the tenant; accounts form a hierarchy by ``parent``."""

    class Stage(models.TextChoices):
        """Lifecycle stage."""

        LEAD = "LEAD"
        TRIAL = "TRIAL"
        CUSTOMER = "CUSTOMER"
        CHURNED = "CHURNED"

    id = models.AutoField(primary_key=True)
    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=300, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="children")
    plan = models.CharField(max_length=100, blank=True)
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.CUSTOMER)
    owner = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Who looks after it on the tenant's side."
    )
    traits = models.JSONField(default=dict)
    started_at = models.DateTimeField(null=True, help_text="When the relationship began; null if unknown.")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name or self.external_id


class AccountAttribute(models.Model):
    """That an attribute of an account had a value from ``since`` until the next row's; of the first also before.

    ``told`` are the times of which the value was told without another between them, the last of each day and value,
    ``heard`` when each came in. See ``engage_server.customers.attribute_history``. What was told last stands in the
    account itself, too.
    """

    id = models.AutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="attributes", db_index=False)
    attribute = models.CharField(max_length=110, help_text="plan, stage, parent, owner or traits.<name>.")
    value = models.JSONField(help_text="Of a parent the account's id.")
    since = models.DateTimeField(help_text="The first of ``told``.")
    told = ArrayField(models.DateTimeField())
    heard = ArrayField(models.DateTimeField())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "attribute", "since"], name="attribute_of_account")
        ]

    def __str__(self) -> str:
        return f"{self.attribute} of {self.account_id} since {self.since}"


class Person(models.Model):
    """A user of the tenant's product. Anonymous visitors are persons without an external id.

    A merge points ``merged_into`` at the person that remains and rewrites nothing else, so that it can be
    undone; it always points at a canonical person, never at a merged one. ``joined_to`` and the ties of names keep
    the single steps, so that who parts takes those along who came with it.
    """

    id = models.AutoField(primary_key=True)
    external_id = models.CharField(max_length=200, unique=True, null=True)
    traits = models.JSONField(default=dict)
    is_excluded = models.BooleanField(
        default=False, help_text="Bots, test users, staff: stored, never counted."
    )
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="merged", db_index=False
    )
    joined_to = models.ForeignKey(
        "self", null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False,
        help_text="The root that an alias call or an operator joined it to, which may have been merged since.",
    )  # fmt: skip
    joined_at = models.DateTimeField(null=True, help_text="When that was done.")
    consents = models.BooleanField(
        db_default=True, help_text="False: what the person does is not stored for analysis."
    )
    is_suppressed = models.BooleanField(
        db_default=False,
        help_text="Nothing more is taken in; hidden from every answer, perhaps to be erased.",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            # Whether there is anybody, every batch asks.
            models.Index(fields=["id"], condition=models.Q(consents=False), name="person_without_consent"),
            # Of the few who are merged: an entry for everybody else cost a fifth of what a new person does.
            models.Index(
                fields=["merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="person_merged_into",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id or f"anonymous {self.pk}"


class PersonAlias(models.Model):
    """A name that items give a person: a user id, or the anonymous id of a device. Every name has one person.

    Ties and alias calls join the persons of two names by ``Person.merged_into`` and leave the names where they
    are, so that a tie which turns out to be wrong can be undone. See ``engage_server.customers.identity``.
    """

    id = models.AutoField(primary_key=True)
    alias = models.CharField(max_length=200, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="aliases")
    is_firm = models.BooleanField(
        default=False, help_text="A user id, or a party to an alias call: no tie moves it."
    )
    tied_to = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    tied_at = models.DateTimeField(null=True, help_text="Time of the earliest item that names both.")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.alias


class Membership(models.Model):
    """A person belongs to an account from ``starts_at`` until ``ends_at`` (exclusive; null = still)."""

    id = models.AutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "account", "starts_at"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.account_id}"


class Subscription(models.Model):
    """Terms of a subscription from ``valid_from`` until its next row; of the first also before.

    The subscription runs on day d if starts_on <= d and not (ends_on <= d): the same in all its rows. What its
    status means for the seats is told in ``engage_server.customers.statuses``.
    """

    id = models.AutoField(primary_key=True)
    external_id = models.CharField(max_length=200)
    valid_from = models.DateField(null=True, help_text="Null: ever since it started.")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="subscriptions")
    plan = models.CharField(max_length=100, blank=True)
    seats = models.IntegerField(null=True, help_text="Null for an unlimited plan.")
    amount = models.DecimalField(max_digits=20, decimal_places=4, help_text="Price of one interval.")
    currency = models.CharField(max_length=3, default="USD")
    interval_months = models.SmallIntegerField(default=1)
    is_trial = models.BooleanField(default=False)
    status = models.CharField(max_length=20, default="active")
    channel = models.CharField(max_length=100, blank=True, db_default="", help_text="Where it was sold.")
    cancel_reason = models.CharField(max_length=200, blank=True, db_default="")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["external_id", "valid_from"], nulls_distinct=False, name="subscription_terms_once"
            ),
            models.CheckConstraint(condition=models.Q(seats__gte=0), name="subscription_seats_not_negative"),
            models.CheckConstraint(
                condition=models.Q(interval_months__gt=0), name="subscription_interval_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} from {self.valid_from}"


class LedgerEntry(models.Model):
    """Money that belongs to a day: a cost, a revenue beside subscriptions, or a stage that an opportunity reached.

    An opportunity has an entry for each of its stages, under one external id; costs and revenues have no stage. What is
    told last of an entry stands, its day included.
    """

    class Kind(models.TextChoices):
        """What the amount is."""

        COST = "COST"
        REVENUE = "REVENUE"
        OPPORTUNITY = "OPPORTUNITY"

    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=11, choices=Kind)
    external_id = models.CharField(max_length=200)
    stage = models.CharField(max_length=100, blank=True)
    account = models.ForeignKey(
        Account, null=True, on_delete=models.CASCADE, related_name="ledger_entries", db_index=False
    )
    category = models.CharField(max_length=100, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=4)
    currency = models.CharField(max_length=3, default="USD")
    occurred_on = models.DateField()
    closes_on = models.DateField(null=True, help_text="Of an opportunity: when it is, or was, decided.")
    included_in_crc = models.BooleanField(
        default=True, help_text="Of a cost: whether it is one of keeping customers."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "external_id", "stage"], name="ledger_entry_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["occurred_on"], name="ledger_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"


class SurveyResponse(models.Model):
    """One answer (or dismissal) of one survey, or feedback without a scale. Scale and direction are never guessed.

    Whatever has a text is feedback. ``metric`` is the full id of the one that it is about; empty where none is named.
    """

    class Direction(models.TextChoices):
        """UP: a high score is good."""

        UP = "UP"
        DOWN = "DOWN"

    class GivenBy(models.TextChoices):
        """Whose words these are: a customer's, or those of the tenant's own people about a customer."""

        CUSTOMER = "CUSTOMER"
        STAFF = "STAFF"

    id = models.AutoField(primary_key=True)
    external_id = models.CharField(max_length=200, unique=True)
    instrument = models.CharField(max_length=63)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="responses")
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="responses")
    scale_min = models.DecimalField(max_digits=9, decimal_places=3, null=True, help_text="Null: no survey.")
    scale_max = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    direction = models.CharField(max_length=4, choices=Direction, default=Direction.UP)
    score = models.DecimalField(max_digits=9, decimal_places=3, null=True, help_text="Null if dismissed.")
    text = models.TextField(blank=True)
    given_by = models.CharField(max_length=8, choices=GivenBy, db_default=GivenBy.CUSTOMER)
    tags = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    metric = models.CharField(max_length=127, blank=True, db_default="")
    occurred_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["instrument", "occurred_at"], name="response_by_instrument"),
            models.Index(fields=["occurred_at"], condition=~models.Q(text=""), name="feedback_by_time"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(scale_min__lt=models.F("scale_max")), name="response_scale"
            ),
            models.CheckConstraint(
                condition=models.Q(scale_min__isnull=False, scale_max__isnull=False)
                | models.Q(scale_min=None, scale_max=None, score=None) & ~models.Q(text=""),
                name="response_has_scale_or_text",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id
