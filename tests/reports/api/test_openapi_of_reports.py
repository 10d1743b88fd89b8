"""The document says what the API answers: schemathesis sends what it allows and forbids."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from askfirst.store.ledger.api_keys import REPORTS, ApiKeys
from reports.api.openapi import DOCUMENT, LIST, document
from tests.world import World, running_world

SCHEMA = schemathesis.openapi.from_dict(document("http://askfirst.test"))
ASKS_ITSELF = ("ignored_auth", "use_after_free", "ensure_resource_availability")
"""Checks that send requests of their own, over a network."""
BEYOND_A_SCHEMA = ("positive_data_acceptance", "negative_data_rejection")
"""A schema cannot say which days make a period, what a condition is about, or that a field that is
there twice counts once."""
load_all_checks()
CHECKED = [
    CHECKS.get_one(name)
    for name in CHECKS.get_all_names()
    if name not in (*ASKS_ITSELF, *BEYOND_A_SCHEMA)
]


class Reading:
    """Sends what schemathesis has made to the real application, with a key that reads."""

    def __init__(self, runner: asyncio.Runner, world: World) -> None:
        self._runner = runner
        self.world = world
        self.key = runner.run(self._make())

    async def _make(self) -> str:
        visitor = self.world.browser()
        await visitor.accept()
        await visitor.send()
        await self.world.rows()
        ledger = self.world.services.ledger
        async with ledger.write() as connection:
            keys = ApiKeys(ledger, self.world.clock)
            return str(await keys.make(connection, self.world.site.id, "Test", REPORTS))

    def get(self, path: str) -> httpx2.Response:
        self.world.clock.move(minutes=1)  # so that no limit is reached
        headers = {"Authorization": f"Bearer {self.key}"}
        return self._runner.run(self.world.client.get(path, headers=headers))


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    with running_world(tmp_path_factory.mktemp("reports")) as (runner, world):
        yield Reading(runner, world)


def cases(mode: GenerationMode) -> st.SearchStrategy[schemathesis.Case]:
    paths = [LIST, *(f"{LIST}/{name}" for name in ("totals", "over-time", "pages", "choices"))]
    return st.one_of(
        SCHEMA[path]["GET"].as_strategy(generation_mode=mode)
        for path in paths
        if path != LIST or mode is GenerationMode.POSITIVE
    )


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_the_document_names(
    reading: Reading, mode: GenerationMode
) -> None:
    statuses = set()

    @settings(max_examples=8, suppress_health_check=list(HealthCheck))
    @given(cases(mode))
    def examined(case: schemathesis.Case) -> None:
        query = urlencode(dict(case.query or {}), doseq=True, errors="replace")
        assume(len(query) < 16_000)  # a server takes no longer line
        path = case.path.replace("{key}", quote(reading.world.site.key))
        answer = reading.get(f"{path}?{query}" if query else path)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKED)

    examined()
    assert statuses & ({200} if mode is GenerationMode.POSITIVE else {400})


def test_the_document_is_served_to_everybody(reading: Reading) -> None:
    answer = reading.get(DOCUMENT)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert LIST in answer.json()["paths"]


def test_a_key_for_reading_records_nothing(reading: Reading) -> None:
    sent = reading.world.client.post(
        "/api/v1/events", content=b"{}", headers={"Authorization": f"Bearer {reading.key}"}
    )
    answer = reading._runner.run(sent)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "bad_key"
