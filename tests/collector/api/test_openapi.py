"""The OpenAPI document says what the server does: schemathesis sends what it allows and forbids."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from askfirst.store.ledger.api_keys import ApiKeys
from collector.api.openapi import API_EVENTS, EVENT, PATH, document
from tests.factories import CHROME, event_id
from tests.world import ORIGIN, World, running_world

SCHEMA = schemathesis.openapi.from_dict(document("http://askfirst.test", "1"))
ASKS_ITSELF = ("ignored_auth", "use_after_free", "ensure_resource_availability")
"""Checks that send requests of their own, over a network."""
BEYOND_A_SCHEMA = ("positive_data_acceptance",)
"""A schema cannot say that `scroll` is at least `scroll_from`, or how many bytes properties take;
the test of what is allowed looks at everything else."""
load_all_checks()
CHECKED = [
    CHECKS.get_one(name)
    for name in CHECKS.get_all_names()
    if name not in (*ASKS_ITSELF, *BEYOND_A_SCHEMA)
]
NEGATIVE = CHECKS.get_one("negative_data_rejection")
TOO_LARGE = [one for one in CHECKED if one is not NEGATIVE]
"""What holds of 413, too: schemathesis does not take it for a refusal of what was forbidden."""


class Sending:
    """Sends what schemathesis has made to the real application, with a key, of a real visitor."""

    def __init__(self, runner: asyncio.Runner, world: World) -> None:
        self._runner = runner
        self.world = world
        self.visitor = world.browser()
        runner.run(self.visitor.accept())
        self.key = runner.run(self._make())

    async def _make(self) -> str:
        ledger = self.world.services.ledger
        async with ledger.write() as connection:
            keys = ApiKeys(ledger, self.world.clock)
            return str(await keys.make(connection, self.world.site.id, "Test"))

    def send(self, path: str, body: bytes, **headers: str) -> httpx2.Response:
        self.world.clock.move(minutes=1)  # so that no limit is reached
        headers = {"Content-Type": "application/json", "User-Agent": CHROME, **headers}
        if path == API_EVENTS:
            headers["Authorization"] = f"Bearer {self.key}"
        else:
            headers["Origin"] = ORIGIN
        sent = self.world.client.post(path, content=body, headers=headers)
        return self._runner.run(sent)

    def get(self, path: str) -> httpx2.Response:
        return self._runner.run(self.world.client.get(path))


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sending]:
    with running_world(tmp_path_factory.mktemp("openapi")) as (runner, world):
        yield Sending(runner, world)


def sent(value: Any) -> Any:
    """Return what is sent for what was made: to a schema 1.0 is an integer, to our decoder not."""
    if isinstance(value, dict):
        return {name: sent(one) for name, one in value.items()}
    if isinstance(value, list):
        return [sent(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def real(body: dict[str, Any], sending: Sending) -> dict[str, Any]:
    """Put the visitor's token and pages of the site into a body."""
    own = {"url": f"{ORIGIN}/a", "age": 0}
    events = [{**one, **own, "id": event_id()} for one in body["events"]]
    known = {"site": sending.world.site.key} if "site" in body else {}
    return {**body, "events": events, "token": sending.visitor.token, **known}


def cases(path: str, mode: GenerationMode) -> st.SearchStrategy[schemathesis.Case]:
    return SCHEMA[path]["POST"].as_strategy(generation_mode=mode)


FEW = settings(max_examples=20, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("path", [API_EVENTS, EVENT])
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_the_document_names(
    sending: Sending, path: str, mode: GenerationMode
) -> None:
    @FEW
    @given(cases(path, mode))
    def examined(case: schemathesis.Case) -> None:
        body = case.body if isinstance(case.body, bytes) else msgspec.json.encode(case.body)
        answer = sending.send(path, body)
        case.validate_response(answer, checks=TOO_LARGE if answer.status_code == 413 else CHECKED)

    examined()


def test_what_the_document_allows_of_a_visitor_who_said_yes_is_taken(sending: Sending) -> None:
    """Refused is only what no schema can say, and what the yes does not cover is left out."""
    statuses = set()

    @FEW
    @given(cases(API_EVENTS, GenerationMode.POSITIVE))
    def taken(case: schemathesis.Case) -> None:
        body = sent(real(case.body, sending)) | {"gpc": False, "user_agent": CHROME}
        answer = sending.send(API_EVENTS, msgspec.json.encode(body))
        statuses.add(answer.status_code)
        if answer.status_code != 202:
            assert answer.status_code == 400, answer.text
            said = answer.json()["error"]
            assert said["field"].rpartition(".")[2] in ("scroll", "props", "name", "events"), said
        case.validate_response(answer, checks=CHECKED)

    taken()
    assert 202 in statuses


def test_the_document_is_served_and_is_made_of_the_types_that_decode(sending: Sending) -> None:
    answer = sending.get(PATH)
    served = answer.json()
    parts = served["components"]["schemas"]

    assert answer.status_code == 200
    assert served["openapi"] == "3.1.0"
    assert served["paths"] == document("/", "1")["paths"]
    assert set(parts["CustomEvent"]["properties"]) >= {"name", "props", "amount", "currency"}
    assert parts["ApiPayload"]["additionalProperties"] is False
    assert Path(PATH).name == "openapi.json"
