"""The one-time link makes the owner and the first site, once, and loses nothing that was typed."""

from pathlib import Path

import pytest
from sqlalchemy import select

from askfirst.store.ledger.tables import sessions, setup_links, staff
from reports.authentication.one_time_codes import new_code
from reports.sites.setup import make_setup_link
from tests.reports.garden import PASSWORD, SAME_ORIGIN, Garden, bare_garden
from tests.reports.reading import Reading
from tests.reports.typed_site import SETUP, code_of


async def test_the_link_creates_owner_and_site_and_leads_to_the_snippet(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = code_of(await make_setup_link(deps.ledger, clock))
        shown = await client.get("/setup")
        assert Reading(shown.text).fields["code"] == ""
        made = await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)
        install = await client.get(made.headers["location"])

        [site] = deps.book.all()
        assert (site.name, site.time_zone) == ("Garden", "Europe/Berlin")
        assert site.hosts == ("example.org", "*.example.org", "localhost:8001")
        assert deps.book.policy(site).content["controller"]["name"] == "Ada"
        assert made.headers["location"] == f"/sites/{site.key}/install"
        assert f"src=&#34;https://reports.example/tag.js&#34; data-site=&#34;{site.key}" in (
            install.text
        )
        assert "Waiting for the first visit" in install.text


async def test_the_whole_link_may_be_pasted_as_the_code(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        link = f" http://127.0.0.1:8000{await make_setup_link(deps.ledger, clock)}\n"
        made = await client.post("/setup", data=SETUP | {"code": link}, headers=SAME_ORIGIN)

        assert made.status_code == 303, made.text


async def test_the_link_works_once(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = code_of(await make_setup_link(deps.ledger, clock))
        first = await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)
        second = await client.post(
            "/setup", data=SETUP | {"code": code, "email": "b@b.example"}, headers=SAME_ORIGIN
        )

        assert (first.status_code, second.status_code) == (303, 410)
        assert "This server has an owner" in second.text
        assert len(deps.book.all()) == 1
        assert await make_setup_link(deps.ledger, clock) is None


@pytest.mark.parametrize("case", ["expired", "older", "guess", "empty", "reset"])
async def test_a_code_that_is_not_good_is_told_at_its_field_and_loses_nothing(
    tmp_path: Path, case: str
) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        first = code_of(await make_setup_link(deps.ledger, clock))
        codes = {"expired": first, "older": first, "guess": "guess", "empty": ""}
        if case == "older":
            await make_setup_link(deps.ledger, clock)
        if case == "expired":
            clock.move(days=1)
        if case == "reset":  # a code of an account is none that creates the owner
            async with deps.ledger.write() as connection:
                codes["reset"] = await new_code(connection, clock(), 1000, 7)
        data = SETUP | {"code": codes[case]}
        answer = await client.post("/setup", data=data, headers=SAME_ORIGIN)
        page = Reading(answer.text)

        assert answer.status_code == 422
        assert "This code is not good" in page.text
        assert page.fields["name"] == "Garden"
        assert page.fields["password"] == ""
        assert not deps.book.all()


async def test_the_form_tells_nobody_whether_a_code_is_good(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        before = await client.get("/setup")
        code = code_of(await make_setup_link(deps.ledger, clock))
        good = await client.get(f"/setup?token={code}")
        wrong = await client.get("/setup?token=guess")

        assert before.status_code == 200
        assert good.text == wrong.text
        assert "paste it below" in good.text
        assert "paste it below" not in before.text
        assert code not in good.text


async def test_the_ledger_keeps_hashes_of_secrets_only(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = code_of(await make_setup_link(deps.ledger, clock))
        async with deps.ledger.read() as connection:
            kept = (await connection.execute(select(setup_links))).all()
        assert code not in repr(kept)
        await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)
        async with deps.ledger.read() as connection:
            kept = [*(await connection.execute(select(sessions))).all()]
            kept += (await connection.execute(select(staff))).all()
        assert client.cookies["__Host-askfirst_staff"] not in repr(kept)
        assert PASSWORD not in repr(kept)
        assert "$argon2id$" in repr(kept)


async def test_bad_input_names_the_field_and_loses_nothing_but_the_password(
    tmp_path: Path,
) -> None:
    bad = {
        "email": "nobody",
        "password": "short",
        "name": "",
        "hosts": "not a host!",
        "time_zone": "Mars/Olympus",
        "controller": "<script>alert(1)</script>",
        "contact": " ",
        "privacy_url": "javascript:alert(1)",
    }
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = code_of(await make_setup_link(deps.ledger, clock))
        answer = await client.post("/setup", data=bad | {"code": code}, headers=SAME_ORIGIN)
        page = Reading(answer.text)

        assert answer.status_code == 422
        wrong = {given["id"] for _, given in page.tags if given.get("aria-invalid") == "true"}
        assert wrong == {
            "email",
            "password",
            "name",
            "hosts",
            "time_zone",
            "controller",
            "contact",
            "privacy_url",
        }
        assert page.fields["email"] == "nobody"
        assert page.fields["controller"] == "<script>alert(1)</script>"
        assert page.fields["password"] == ""
        assert "<script>alert" not in answer.text
        assert "<title>Error: Set up Askfirst" in answer.text
        summary = [text for text, href in page.links.items() if href.startswith("#")]
        assert summary == [
            "Skip to content",
            "Email",
            "Password",
            "Name of the site",
            "Hosts",
            "Time zone",
            "Who is responsible",
            "How to reach them",
            "Privacy page",
        ]
        assert next(given for _, given in page.tags if "data-errors" in given)["tabindex"] == "-1"
        assert deps.book.all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hosts", "\n".join(f"h{n}.example" for n in range(51))),
        ("hosts", "a..example"),
        ("hosts", "x" * 300 + ".example"),
        ("hosts", "\u2603" * 70),
        ("name", "x" * 201),
        ("name", "bell\x07"),
        ("privacy_url", "https://" + "x" * 500),
        ("time_zone", ""),
        ("password", "x" * 201),
    ],
)
async def test_each_wrong_value_is_told_at_its_field(
    tmp_path: Path, field: str, value: str
) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = code_of(await make_setup_link(deps.ledger, clock))
        data = SETUP | {"code": code, field: value}
        answer = await client.post("/setup", data=data, headers=SAME_ORIGIN)
        wrong = [g["id"] for _, g in Reading(answer.text).tags if "aria-invalid" in g]

        assert (answer.status_code, wrong) == (422, [field])


async def test_names_of_hosts_may_be_written_in_any_script(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = code_of(await make_setup_link(deps.ledger, clock))
        data = SETUP | {"code": code, "hosts": "b\u00fccher.example"}
        await client.post("/setup", data=data, headers=SAME_ORIGIN)

        assert deps.book.all()[0].hosts == ("xn--bcher-kva.example",)
