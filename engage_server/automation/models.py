"""Signals, journeys, tasks and the outbox of messages, in the tenant's schema."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models.functions import Now


class Signal(models.Model):
    """What a rule said of a subject: from ``raised_on`` until ``cleared_on`` (null: still).

    ``evidence`` are the figures that raised it. Of a rule and subject one signal is open at most.
    """

    id = models.AutoField(primary_key=True)
    rule = models.IntegerField(help_text="Number of the definition.")
    rule_version = models.IntegerField()
    is_risk = models.BooleanField()
    subject_kind = models.CharField(max_length=10)
    subject = models.IntegerField(help_text="Id of the account or person; 0 for the tenant.")
    raised_on = models.DateField()
    cleared_on = models.DateField(null=True)
    raised_at = models.DateTimeField(db_default=Now())
    evidence = models.JSONField(default=dict)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=64, blank=True, db_default="")
    reason = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        constraints: ClassVar = [
            # A day that is judged again raises nothing twice.
            models.UniqueConstraint(fields=["rule", "subject", "raised_on"], name="signal_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject"], name="signal_of_subject"),
            models.Index(fields=["id"], condition=models.Q(cleared_on=None), name="signal_open"),
        ]

    def __str__(self) -> str:
        return f"rule {self.rule} about {self.subject_kind} {self.subject}"


class Delivery(models.Model):
    """A message in the outbox, with what became of it. ``key`` is the same in every attempt: a receiver tells repeats by it.

    PENDING waits until ``due_at``. SENDING is in a worker's hands, and lost where it is so after ``due_at``: then another
    takes it. The others are final; a DEAD one can be sent again.
    """

    class State(models.TextChoices):
        """SENT: the receiver took it. DEAD: it was given up."""

        PENDING = "PENDING"
        SENDING = "SENDING"
        SENT = "SENT"
        DEAD = "DEAD"

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid4, unique=True)
    channel = models.IntegerField(help_text="Number of the definition.")
    account = models.IntegerField(
        null=True, help_text="Id of the account that it is about; null: none, or several."
    )
    cause = models.CharField(max_length=60, help_text="What it follows from: a rule, or a test.")
    message = models.JSONField()
    state = models.CharField(max_length=7, choices=State, default=State.PENDING)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    tried_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    log = models.JSONField(default=list, help_text="Of each attempt when it was and what came of it.")

    class Meta:
        indexes: ClassVar = [
            # Not by states: PostgreSQL writes a list of them in another way than it was told, so that the template of a
            # new tenant's schema would differ from what it makes.
            models.Index(fields=["due_at"], condition=models.Q(finished_at=None), name="delivery_waiting"),
            models.Index(fields=["channel", "tried_at"], name="delivery_by_channel"),
            models.Index(
                fields=["account", "id"],
                condition=models.Q(account__isnull=False),
                name="delivery_of_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} by channel {self.channel}: {self.state}"


class Journey(models.Model):
    """A subject's way through a playbook, by the version that it began. ``step`` is the one that comes next, from 0.

    HELD_OUT: nothing is done, to compare with. STOPPED: it ended before its last step; ``note`` says why.
    """

    class State(models.TextChoices):
        """RUNNING waits until ``due_at``; the others are final."""

        RUNNING = "RUNNING"
        DONE = "DONE"
        STOPPED = "STOPPED"
        HELD_OUT = "HELD_OUT"

    id = models.BigAutoField(primary_key=True)
    playbook = models.IntegerField(help_text="Number of the definition.")
    version = models.IntegerField()
    signal = models.IntegerField()
    subject_kind = models.CharField(max_length=10)
    subject = models.IntegerField()
    step = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    due_at = models.DateTimeField()
    begun_at = models.DateTimeField(db_default=Now())
    note = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["playbook", "signal"], name="journey_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(state="RUNNING"), name="journey_due"),
            models.Index(fields=["subject_kind", "subject", "begun_at"], name="journey_of_subject"),
        ]

    def __str__(self) -> str:
        return f"playbook {self.playbook} about {self.subject_kind} {self.subject}: {self.state}"


class SurveyInvitation(models.Model):
    """That a person was asked: its link is good until ``ends_at``, or until it came to something.

    ``release`` is the annotation that the wave was about; null outside of waves.
    """

    class State(models.TextChoices):
        """ASKED can be answered until ``ends_at``; the others are final."""

        ASKED = "ASKED"
        ANSWERED = "ANSWERED"
        DISMISSED = "DISMISSED"

    id = models.BigAutoField(primary_key=True)
    survey = models.IntegerField(help_text="Number of the definition.")
    version = models.IntegerField()
    person = models.IntegerField()
    account = models.IntegerField(null=True)
    release = models.IntegerField(null=True, help_text="Number of the annotation.")
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "asked_at"], name="invitation_of_person")]

    def __str__(self) -> str:
        return f"survey {self.survey} of person {self.person}: {self.state}"


class Task(models.Model):
    """What a playbook gives an owner to do, about a subject, until somebody says that it is done and what came of it.

    ``is_personal``: it may tell of persons, or of figures that rest on few.
    """

    id = models.BigAutoField(primary_key=True)
    playbook = models.IntegerField(help_text="Number of the definition.")
    signal = models.IntegerField()
    subject_kind = models.CharField(max_length=10)
    subject = models.IntegerField()
    owner = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Who owned the account then."
    )
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, db_default="")
    is_personal = models.BooleanField()
    due_on = models.DateField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=64, blank=True, db_default="")
    outcome = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject"], name="task_of_subject"),
            models.Index(fields=["id"], condition=models.Q(done_at=None), name="task_open"),
        ]

    def __str__(self) -> str:
        return f"task {self.pk} about {self.subject_kind} {self.subject}"
