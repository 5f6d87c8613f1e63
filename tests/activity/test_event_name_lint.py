"""The lint of event names: what it finds, and what it leaves alone."""

import pytest

from engage_server.activity.event_name_lint import EventNameEntry, Violation, lint, sense, style, words

GOOD = [
    EventNameEntry("Report Exported"),
    EventNameEntry("Invoice Sent"),
    EventNameEntry("Plan Upgraded"),
    EventNameEntry("Signup"),
]


def faults(*names: str) -> set[tuple[str, Violation]]:
    return {(one.name, one.fault) for one in lint([*GOOD, *map(EventNameEntry, names)])}


def test_names_in_one_style_have_no_problem():
    assert lint(GOOD) == []
    assert lint([]) == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("ticket_viewed", Violation.STYLE),
        ("ticketViewed", Violation.STYLE),
        ("Ticket viewed", Violation.STYLE),
        ("Reports Export", None),
        ("report_exported", Violation.NEAR_DUPLICATE),
        ("Exported Reports", Violation.NEAR_DUPLICATE),
        ("Order 8f14e45fceea Viewed", Violation.ID),
        ("Order 12345678 Viewed", Violation.ID),
        ("Mailed ada@acme.test", Violation.ID),
        ("Step 2 Reached", Violation.NUMBER),
        ("Exported " + "Very " * 12 + "Long", Violation.TOO_LONG),
        ("$own_event", Violation.RESERVED),
    ],
)
def test_each_fault_is_found_and_others_are_not(name, fault):
    found = {one for one in faults(name) if one[0] == name}
    assert (name, fault) in found if fault else not found


def test_both_names_for_one_thing_are_told_of_each_other():
    problems = [
        one
        for one in lint([*GOOD, EventNameEntry("reportExported")])
        if one.fault is Violation.NEAR_DUPLICATE
    ]
    assert {one.name for one in problems} == {"Report Exported", "reportExported"}
    assert "'Report Exported'" in next(one.message for one in problems if one.name == "reportExported")


def test_a_message_stays_short_however_many_names_say_the_same():
    many = [EventNameEntry("Report Exported" + "!" * number) for number in range(500)]
    problems = [one for one in lint(many) if one.fault is Violation.NEAR_DUPLICATE]
    assert len(problems) == 500
    assert max(len(one.message) for one in problems) < 2_500
    assert all("and 496 more" in one.message for one in problems)


def test_what_libraries_send_by_themselves_is_not_the_tenants_fault():
    assert (
        lint(
            [*GOOD, EventNameEntry("$pageview", is_own=False), EventNameEntry("$page_leave_2", is_own=False)]
        )
        == []
    )


def test_more_key_actions_than_asked_for_are_named_last():
    keys = [EventNameEntry(name.name, is_key=True) for name in GOOD]
    (problem,) = lint(keys)
    assert (problem.name, problem.fault) == ("", Violation.TOO_MANY_KEY)
    assert "Invoice Sent, Plan Upgraded, Report Exported, Signup" in problem.message
    assert lint(keys, most_key=4) == []


@pytest.mark.parametrize(
    "name", ["Report Exported", "report_exported", "reportExported", "REPORT-EXPORTED", "exported reports"]
)
def test_one_thing_has_one_sense_in_every_style(name):
    assert sense(name) == ("exported", "report")


def test_words_and_styles_are_told_apart():
    assert words("DNSConfigured2x") == ["dns", "configured", "2", "x"]
    assert style("Report Exported") == "Title Case"
    assert style("report_exported") == "snake_case"
    assert style("Signup") is None
