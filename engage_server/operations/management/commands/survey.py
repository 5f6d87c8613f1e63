"""Make surveys, ask persons and say how many answered."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.surveys import Survey, SurveyKind, surveys
from engage_server.customers.exceptions import CustomersError
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.operations import surveys as operations
from engage_server.operations.exceptions import OperationsError
from engage_server.segments.exceptions import SegmentsError
from engage_server.tenancy.scope import TenantRef

FIELDS = ("question", "question_ko", "instrument", "cool_down_days", "ends_after_days", "note")


class Command(TenantActionsCommand):
    """Make surveys, ask persons and say how many answered."""

    expected = (AutomationError, CustomersError, DefinitionsError, OperationsError, SegmentsError)
    active_only = True
    help = "List, make, change and end a tenant's surveys, and ask persons; see docs/surveys.md."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; surveys go by name."""
        actions.add_parser("list", help="the surveys, with how many answered")
        making = actions.add_parser("create", help="make a survey; nobody is asked yet")
        making.add_argument("name")
        making.add_argument("--kind", required=True, choices=[kind.value.lower() for kind in SurveyKind])
        making.add_argument("--instrument", help="by which metrics know its answers")
        changing = actions.add_parser("set", help="change a survey; what is left out stays")
        changing.add_argument("name")
        for action in (making, changing):
            action.add_argument("--question", help="in English")
            action.add_argument("--question-ko", help="in Korean")
            action.add_argument("--cool-down-days", type=int)
            action.add_argument("--ends-after-days", type=int)
            action.add_argument("--origin", dest="origins", action="append", help="whose pages may frame it")
            action.add_argument("--note")
        inviting = actions.add_parser("invite", help="ask a person")
        inviting.add_argument("name")
        inviting.add_argument("--person", required=True, help="a user id")
        inviting.add_argument("--channel", type=int, help="number of a channel to persons; without: a link")
        waving = actions.add_parser("wave", help="ask a segment of persons about a release")
        waving.add_argument("name")
        for name, text in (
            ("release", "of the annotation"),
            ("segment", "of persons"),
            ("channel", "to persons"),
        ):
            waving.add_argument(f"--{name}", type=int, required=True, help=f"its number, {text}")
        waving.add_argument("--at-most", type=int, required=True, help="so many persons are meant")
        waving.add_argument("--dry-run", action="store_true", help="count alone")
        actions.add_parser("retire", help="end a survey; its history stays").add_argument("name")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in surveys():
            self._line(one)

    def _create(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        body = {"kind": options["kind"].upper(), **_given(options)}
        self._line(operations.create_survey(options["name"], body))

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        number = _named(options["name"]).number
        self._line(operations.change_survey(number, changes=_given(options)))

    def _invite(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        number = _named(options["name"]).number
        asked = operations.invite_person(number, options["person"], by=options["channel"])
        self.stdout.write(asked.url or "Not asked: it was asked lately, or may not be.")

    def _wave(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        wave = operations.start_wave(
            _named(options["name"]).number,
            release=options["release"],
            by=options["channel"],
            segment=options["segment"],
            at_most=options["at_most"],
            dry_run=options["dry_run"],
        )
        would = " would be" if options["dry_run"] else ""
        self.stdout.write(f"{wave.asked} of {wave.persons} persons{would} asked.")

    def _retire(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        former = operations.retire_survey(_named(options["name"]).number)
        self.stdout.write(f"{former.name} is no survey any more.")

    def _line(self, one: Survey) -> None:
        response = operations.response_to([one.number])[one.number]
        self.stdout.write(
            f"{one.number:>4}  {one.name}  {one.body.kind} as {one.body.answered_as}, {response.answered} of "
            f"{response.asked} answered, {response.dismissed} dismissed, version {one.version}"
        )


def _named(name: str) -> Survey:
    found = next((one for one in surveys() if one.name == name), None)
    if found is None:
        raise CommandError(f"There is no survey {name!r}. Remedy: `survey list` tells those there are.")
    return found


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {field: options[field] for field in (*FIELDS, "origins") if options.get(field) is not None}
