"""What staff did is noted for a year, without whole addresses and within bounds."""

from sqlalchemy import select
from structlog.testing import capture_logs

from askfirst.store.ledger.tables import staff_acts
from reports.staff.audit_log import Act, StaffActs
from tests.reports.garden import EMAIL, PASSWORD, SAME_ORIGIN, Garden
from tests.reports.reading import Reading
from tests.reports.typed_site import THIRD

WRONG = {"email": EMAIL, "password": "wrong"}


async def rows(garden: Garden) -> list[tuple[object, ...]]:
    columns = (
        staff_acts.c.who,
        staff_acts.c.act,
        staff_acts.c.site_key,
        staff_acts.c.network,
        staff_acts.c.times,
    )
    async with garden.deps.ledger.read() as connection:
        found = await connection.execute(select(*columns).order_by(staff_acts.c.id))
        return [tuple(row) for row in found]


async def test_an_act_is_kept_without_the_whole_address(garden):
    acts = StaffActs(garden.deps.ledger, garden.clock)
    await acts.note(Act.SIGNED_IN, "owner@example.org", address="192.0.2.77")
    await acts.note(Act.SITE_DELETED, "owner@example.org", "0123456789abcdef")

    assert await rows(garden) == [
        ("owner@example.org", "signed_in", "", "192.0.2.0", 1),
        ("owner@example.org", "site_deleted", "0123456789abcdef", "", 1),
    ]
    assert {one.happened_at for one in await acts.newest(5)} == {garden.clock()}


async def test_an_act_is_one_line_of_the_log_and_tells_what_the_ledger_keeps(garden):
    with capture_logs() as lines:
        await StaffActs(garden.deps.ledger, garden.clock).note(
            Act.SITE_CHANGED, "owner@example.org", "0123456789abcdef", "2001:db8:1:2::3"
        )

    assert lines == [
        {
            "event": "staff_act",
            "log_level": "info",
            "act": "site_changed",
            "who": "owner@example.org",
            "site_key": "0123456789abcdef",
            "network": "2001:db8:1::",
        }
    ]


async def test_signing_in_failing_and_signing_out_are_noted(garden: Garden):
    client = garden.client(peer="192.0.2.77")
    await client.post("/sign-in", data=WRONG, headers=SAME_ORIGIN)
    unknown = {"email": "somebody@else.example", "password": "my secret"}
    await client.post("/sign-in", data=unknown, headers=SAME_ORIGIN)
    right = {"email": EMAIL, "password": PASSWORD}
    await client.post("/sign-in", data=right, headers=SAME_ORIGIN)
    csrf = Reading((await client.get("/account")).text).fields["csrf"]
    await client.post("/sign-out", data={"csrf": csrf})

    network = "192.0.2.0"
    assert await rows(garden) == [
        (EMAIL, "sign_in_failed", "", network, 1),
        ("", "sign_in_failed", "", network, 1),
        (EMAIL, "signed_in", "", network, 1),
        (EMAIL, "signed_out", "", network, 1),
    ]


async def test_what_is_changed_of_sites_is_noted(garden: Garden):
    client = await garden.signed_in()
    csrf = Reading((await client.get("/account")).text).fields["csrf"]
    made = await client.post("/sites/new", data=THIRD | {"csrf": csrf})
    key = made.headers["location"].split("/")[2]
    change = {"csrf": csrf, "name": "New", "hosts": "third.example", "time_zone": "UTC"}
    await client.post(f"/sites/{key}/settings", data=change)
    await client.post(f"/sites/{key}/settings", data=change | {"name": ""})

    assert [row[:3] for row in await rows(garden)][1:] == [
        (EMAIL, "site_added", key),
        (EMAIL, "site_changed", key),
    ]


async def test_a_storm_of_failed_sign_ins_becomes_sums_by_network(garden: Garden):
    acts = StaffActs(garden.deps.ledger, garden.clock)
    for number in range(100):
        await acts.note_failure("", f"198.51.{100 + number % 2}.{number}")
    garden.clock.move(minutes=60)
    await acts.note_failure("", "198.51.100.7")

    kept = await rows(garden)
    assert len(kept) == 60 + 2 + 1
    assert sorted(kept[60:62]) == [
        ("", "sign_ins_failed", "", "198.51.100.0", 20),
        ("", "sign_ins_failed", "", "198.51.101.0", 20),
    ]
    assert kept[62][1] == "sign_in_failed"


async def test_a_storm_of_invented_addresses_hides_no_try_at_an_account(garden: Garden):
    acts = StaffActs(garden.deps.ledger, garden.clock)
    for number in range(200):
        await acts.note_failure("", f"198.51.100.{number}")
    for number in range(70):
        await acts.note_failure(EMAIL, f"192.0.2.{number}")
    await acts.note_failure(EMAIL, "203.0.113.9")
    await acts.note_failure("b@example.org", "203.0.113.9")
    await acts.note_failure(EMAIL, "203.0.113.9", Act.PASSWORD_WRONG)

    kept = await rows(garden)
    assert kept.count((EMAIL, "sign_in_failed", "", "192.0.2.0", 1)) == 60
    assert kept[-4:] == [
        (EMAIL, "sign_ins_failed", "", "192.0.2.0", 10),
        (EMAIL, "sign_ins_failed", "", "203.0.113.0", 1),
        ("b@example.org", "sign_in_failed", "", "203.0.113.0", 1),
        (EMAIL, "password_wrong", "", "203.0.113.0", 1),
    ]


async def test_a_storm_from_many_networks_fills_no_disk_and_names_the_account(garden: Garden):
    acts = StaffActs(garden.deps.ledger, garden.clock)
    for number in range(200):
        await acts.note_failure(EMAIL, f"10.0.{number}.1")

    kept = await rows(garden)
    assert len(kept) == 60 + 20 + 1
    assert kept[-1] == (EMAIL, "sign_ins_failed", "", "", 120)


async def test_one_time_codes_that_are_not_good_are_noted_as_such(garden: Garden):
    client = garden.client(peer="192.0.2.77")
    guess = {"code": "my secret guess", "password_new": "seven red boats at dawn"}
    await client.post("/reset", data=guess, headers=SAME_ORIGIN)

    assert await rows(garden) == [("", "code_wrong", "", "192.0.2.0", 1)]


async def test_a_wrong_password_on_the_accounts_page_is_no_failed_sign_in(garden: Garden):
    client = await garden.signed_in()
    csrf = Reading((await client.get("/account")).text).fields["csrf"]
    form = {"csrf": csrf, "password_now": "wrong", "password_new": "seven red boats at dawn"}
    await client.post("/account/password", data=form)

    assert (await rows(garden))[-1][:2] == (EMAIL, "password_wrong")


async def test_acts_are_kept_for_a_year(garden: Garden):
    acts = StaffActs(garden.deps.ledger, garden.clock)
    await acts.note(Act.SIGNED_IN, "owner@example.org")
    garden.clock.move(days=1)
    await acts.note(Act.SIGNED_OUT, "owner@example.org")
    garden.clock.move(days=364)
    await acts.forget()
    assert len(await rows(garden)) == 2
    garden.clock.move(ms=1)
    await acts.forget()

    assert [row[1] for row in await rows(garden)] == ["signed_out"]
