"""What a tenant agrees on about its data is followed in what it sends, and by replays, and by nobody else."""

from engage_server.customers.models import SurveyResponse
from engage_server.ingest.quarantine.replay import replay
from engage_server.ingest.quarantine.store import find_items
from engage_server.operations.conventions import set_placeholder_ids, set_survey_directions
from engage_server.tenancy.scope import TenantRef, tenant_scope
from engage_server.tenancy.services import find_tenant
from tests.ingest.conftest import basic
from tests.ingest.test_placeholder_calls import PLAIN, codes, names


def test_a_tenants_own_placeholders_count_for_it_alone_and_replay_follows_the_list(
    acme: TenantRef, globex: TenantRef, post, other_key
):
    set_placeholder_ids("acme", ["Unbekannt"])
    call = PLAIN | {"userId": "unbekannt"}
    assert codes(post({"batch": [call]})) == ["placeholder_id"]
    assert codes(post({"batch": [call]}, Authorization=basic(other_key))) == []
    assert (names(acme), names(globex)) == (set(), {"unbekannt"})
    set_placeholder_ids("acme", [])
    with tenant_scope(find_tenant("acme").ref):
        assert replay(find_items()).stored == 1


def answered(instrument: str, **properties: object) -> dict[str, object]:
    scale = {"instrument": instrument, "scale_min": 1, "scale_max": 7, "score": 6}
    return {
        "type": "track", "event": "Survey Answered", "userId": "ada", "messageId": instrument,
        "properties": scale | properties,
    }  # fmt: skip


def test_a_direction_is_said_by_the_call_the_tenant_or_the_definition_and_never_guessed(
    acme: TenantRef, globex: TenantRef, post
):
    calls = [answered("nps_q3"), answered("CSAT"), answered("ces"), answered("mood", direction="DOWN")]
    answer = post({"batch": calls}).json()
    assert [(one["index"], one["code"]) for one in answer["rejected"]] == [(2, "missing_direction")]
    set_survey_directions("acme", {"ces": "DOWN"})
    with tenant_scope(find_tenant("acme").ref):
        assert replay(find_items()).stored == 1
        directions = dict(SurveyResponse.objects.values_list("instrument", "direction"))
    assert directions == {"nps_q3": "UP", "CSAT": "UP", "ces": "DOWN", "mood": "DOWN"}
    assert post({"batch": [answered("ces", direction="UP") | {"messageId": "own"}]}).json()["rejected"] == []
    with tenant_scope(acme):
        assert SurveyResponse.objects.get(external_id="web:own").direction == "UP"
    with tenant_scope(globex):
        assert not SurveyResponse.objects.exists()
