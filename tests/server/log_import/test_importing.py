"""Lines with a yes become page views, once; the others become numbers, once."""

import asyncio
import gzip
import lzma
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from askfirst.clock import DAY_MS
from askfirst.consents import Reason, reason_of
from askfirst.errors import Misconfigured, Unavailable
from askfirst.store.ledger.load_counts import LOG as IN_LOG
from askfirst.store.ledger.load_counts import LOG_RECORDED
from reports.formatting.rule_words import is_rule
from server.checks.check import examine
from server.log_import import files
from server.log_import import importing as importing_module
from server.log_import.imported_files import ImportedFiles
from server.log_import.importing import Imported, Observer, open_importer
from server.log_import.line import LogLine
from tests.factories import CHROME, GOOGLEBOT, NOON
from tests.server.log_import import written
from tests.world import Browser, World, open_world

LOG = Path(__file__).parents[3] / "benchmarks" / "data" / "access.log.xz"
HOUR = 3_600_000


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as world:
        yield world


async def accepted(world: World, **changes: Any) -> Browser:
    browser = world.browser()
    assert (await browser.accept(**changes)).status_code == 200
    return browser


def a_view(browser: Browser | None, after: int = 1000, **changes: Any) -> LogLine:
    line = LogLine(
        time=NOON + after,
        method="GET",
        target="/",
        status=200,
        host="example.org",
        ip="192.0.2.7",
        user_agent=CHROME,
        token=browser.token if browser else "",
    )
    return msgspec.structs.replace(line, **changes)


class Importing:
    """A file with lines, and what importing it brings."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.path = folder / "access.log"
        self.broken: list[tuple[int, str]] = []

    async def lines(self, *lines: bytes) -> Imported:
        return await self.content(b"".join(line + b"\n" for line in lines))

    async def content(self, content: bytes) -> Imported:
        self.path.write_bytes(content)
        return await self.file()

    async def file(self) -> Imported:
        self.broken.clear()
        importer = await open_importer(self.world.services, self.world.site, "")
        observer = Observer(lambda _: None, lambda *what: self.broken.append(what))
        return await importer.import_file(self.path, observer)

    async def views(self, *views: LogLine) -> Imported:
        key = self.world.site.key
        return await self.lines(*(renamed(written.nginx_json(one), key) for one in views))

    async def rows(self) -> list[dict[str, Any]]:
        return await self.world.rows()

    async def tally(self) -> dict[str, int]:
        sums = await self.world.tally()
        return {name: count for name, count in sums.items() if name != "accepted"}

    async def loads(self) -> dict[str, int]:
        read = self.world.services.counts.loads.read
        sums: Counter[str] = Counter()
        for one in await read(self.world.site.id, "2000-01-01", "2999-12-31"):
            sums[one.source] += one.times
        return dict(sums)


def renamed(line: bytes, key: str) -> bytes:
    """Name the cookie of a written line by the key of the world's site."""
    return line.replace(written.COOKIE.encode(), f"askfirst_{key}".encode())


@pytest.fixture
def importing(world: World, tmp_path: Path) -> Importing:
    return Importing(world, tmp_path)


async def test_a_line_with_a_yes_becomes_a_page_view_at_its_own_time(
    world: World, importing: Importing
) -> None:
    browser = await accepted(world)
    world.clock.move(days=3)
    done = await importing.views(
        a_view(browser, target="/shop?utm_source=mail&secret=1", referrer="https://duck.com/q"),
        a_view(browser, after=2000, target="/gone", status=404, referrer="<no address>"),
        a_view(browser, after=2 * HOUR, target="/", status=304, referrer="www.ask.com/x"),
    )
    rows = await importing.rows()

    assert (done.lines, done.recorded, done.known, done.reasons) == (3, 3, 0, {})
    assert [(row["path"], row["utm_source"], row["host"]) for row in rows] == [
        ("/shop", "mail", "example.org"),
        ("/gone", "", "example.org"),
        ("/", "", "example.org"),
    ]
    assert [row["time"].value // 10**6 - NOON for row in rows] == [1000, 2000, 2 * HOUR]
    assert [row["referrer_host"] for row in rows] == ["duck.com", "", "ask.com"]
    first, second, third = (row["visit_id"] for row in rows)
    assert first == second == rows[0]["event_id"]
    assert third == rows[2]["event_id"]


async def test_law_2_a_line_without_a_valid_consent_becomes_a_number(
    world: World, importing: Importing
) -> None:
    browser, gone = await accepted(world), await accepted(world)
    await gone.withdraw()
    world.clock.move(days=400)
    forged = browser.token[:-4] + "AAAA"
    done = await importing.views(
        a_view(None),
        a_view(None, token="no"),
        a_view(None, token=forged),
        a_view(browser, after=-1),
        a_view(browser, after=399 * DAY_MS),
        a_view(gone),
        a_view(browser, host="evil.example"),
        a_view(browser, target="/a.png"),
        a_view(browser, user_agent=GOOGLEBOT),
    )

    assert done.recorded == 0
    assert await importing.rows() == []
    assert await importing.tally() == {
        "withdrawal": 1,
        "no_consent": 2,
        "bad_token": 1,
        "before_consent": 1,
        "expired": 1,
        "withdrawn": 1,
        "bad_origin": 1,
        "not_a_page": 1,
        "bot:Googlebot": 1,
    }


async def test_law_3_every_row_has_a_record_that_was_valid_at_the_time_of_its_line(
    world: World, importing: Importing, tmp_path: Path
) -> None:
    browser = await accepted(world)
    claims = world.services.tokens.read(browser.token)
    assert claims
    unrecorded = msgspec.structs.replace(claims, consent_id="d" * 32)
    earlier = msgspec.structs.replace(claims, given_at=NOON - DAY_MS)
    forged = [world.services.tokens.sign(one) for one in (unrecorded, earlier)]
    world.clock.move(days=2)
    done = await importing.views(
        a_view(browser),
        a_view(None, token=forged[0]),
        a_view(None, after=-1000, token=forged[1]),
    )

    assert done.recorded == 1
    assert done.reasons == {"bad_token": 1, "before_consent": 1}
    assert await importing.tally() == {"bad_token": 1, "before_consent": 1}
    rows = await importing.rows()
    assert [row["consent_id"] for row in rows] == [claims.consent_id]


async def test_law_3_a_visitor_who_was_erased_comes_back_by_no_log(
    world: World, importing: Importing
) -> None:
    browser = await accepted(world)
    view = a_view(browser)
    world.clock.move(minutes=1)
    assert (await importing.views(view)).recorded == 1
    await browser.erase()
    done = await importing.views(view)

    assert (done.recorded, done.reasons) == (0, {"withdrawn": 1})
    assert await importing.rows() == []


async def test_law_8_what_is_not_recorded_is_tallied_on_the_day_of_its_line(
    world: World, importing: Importing
) -> None:
    world.clock.move(days=3)
    await importing.views(a_view(None), a_view(None, after=DAY_MS), a_view(None, after=DAY_MS))
    read = world.services.tallies.read

    assert await read(world.site.id, "2026-01-01", "2026-01-01") == {"no_consent": 1}
    assert await read(world.site.id, "2026-01-02", "2026-01-02") == {"no_consent": 2}


async def test_a_file_that_is_imported_again_changes_nothing_even_later_packed_or_grown(
    world: World, importing: Importing
) -> None:
    browser = await accepted(world)
    world.clock.move(days=1)
    key = world.site.key
    views = [a_view(browser, after=1000 * n // 2) for n in range(6)]  # two in each second
    lines = [renamed(written.nginx(one), key) for one in [*views, a_view(None)]]
    content = b"\n".join([*lines, b"broken"])
    first = await importing.content(content)
    rows, tally = await importing.rows(), await importing.tally()

    world.clock.move(days=30)
    again = await importing.content(content)
    packed = await importing.content(gzip.compress(content + b"\n"))
    assert (first.recorded, first.known, len(rows)) == (6, 0, 6)
    assert tally == {"no_consent": 1, "malformed": 1}
    for done in (again, packed):
        assert (done.recorded, done.known) == (0, 6)
    assert (await importing.rows(), await importing.tally()) == (rows, tally)
    assert await importing.loads() == {IN_LOG: 7, LOG_RECORDED: 6}

    more = renamed(written.nginx(a_view(browser, after=DAY_MS)), key)
    grown = await importing.content(content + b"\n" + lines[-1] + b"\n" + more + b"\n")
    assert (grown.recorded, grown.known) == (1, 6)
    assert await importing.tally() == {"no_consent": 2, "malformed": 1}
    assert await importing.loads() == {IN_LOG: 9, LOG_RECORDED: 7}


async def test_what_names_itself_a_program_or_loads_ahead_is_no_page_load_of_a_log(
    world: World, importing: Importing
) -> None:
    """As of the tag's loads: both are in neither side of the share."""
    browser = await accepted(world)
    world.clock.move(days=1)
    program = f"{CHROME} HeadlessChrome/120.0.0.0"
    views = [
        a_view(browser),
        a_view(None),
        a_view(None, user_agent=GOOGLEBOT),
        a_view(browser, user_agent=program),
    ]
    lines = [renamed(written.nginx_json(one), world.site.key) for one in views]
    ahead = renamed(written.nginx_json(a_view(browser, after=2000)), world.site.key)
    done = await importing.lines(*lines, ahead.replace(b"{", b'{"http_purpose":"prefetch",', 1))

    assert done.recorded == 3
    assert await importing.loads() == {IN_LOG: 2, LOG_RECORDED: 1}


async def test_lines_that_two_files_share_are_counted_once_wherever_they_stand(
    world: World, importing: Importing
) -> None:
    """Rotation copies: a later one, an earlier one, one within, and one that holds all of them."""
    browser = await accepted(world)
    world.clock.move(days=1)
    key = world.site.key
    log = [
        renamed(written.nginx(a_view(browser if n % 3 else None, after=1000 * n)), key)
        for n in range(120)
    ]
    for first, last, again in (
        (40, 80, 0),
        (60, 100, 20),
        (20, 70, 30),
        (45, 95, 50),
        (0, 120, 80),
    ):
        assert (await importing.lines(*log[first:last])).again == again
    assert await importing.tally() == {"no_consent": 40}
    assert await importing.loads() == {IN_LOG: 120, LOG_RECORDED: 80}

    like = [
        *log[:20],
        *(line.replace(b"02/Jan", b"01/Jan").replace(b"GET /", b"GET /b") for line in log[20:]),
    ]
    other = await importing.lines(*like)
    assert (other.again, len(like)) == (0, 120)
    assert await importing.tally() == {"no_consent": 80}


async def test_a_file_within_a_longer_one_that_came_before_is_not_counted_again(
    world: World, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a day is within the log of its month; pieces are short, so that the log can be."""
    monkeypatch.setattr(importing_module, "PIECE", 20)
    world.clock.move(days=1)
    log = [written.nginx(a_view(None, after=1000 * n)) for n in range(120)]
    for first, last, again in ((0, 120, 0), (30, 75, 45), (20, 60, 40), (5, 115, 110)):
        assert (await importing.lines(*log[first:last])).again == again
    assert await importing.loads() == {IN_LOG: 120}


async def test_files_of_two_servers_at_the_same_time_are_both_counted(
    world: World, importing: Importing
) -> None:
    world.clock.move(days=1)
    for server in ("192.0.2.1", "192.0.2.2"):
        lines = [written.nginx(a_view(None, after=1000 * n, ip=server)) for n in range(30)]
        assert (await importing.lines(*lines)).again == 0
    assert await importing.loads() == {IN_LOG: 60}


async def test_a_last_line_that_was_cut_is_taken_once_it_is_whole(
    world: World, importing: Importing
) -> None:
    browser = await accepted(world)
    world.clock.move(days=1)
    one, two = (
        renamed(written.nginx(a_view(browser, after=n * 1000)), world.site.key) for n in (1, 2)
    )
    none = renamed(written.nginx(a_view(None)), world.site.key)
    cut = await importing.content(b"\n".join([none, one, two[:100]]))
    whole = await importing.lines(none, one, two)

    assert (cut.recorded, whole.recorded, whole.known) == (1, 1, 1)
    assert importing.broken == []
    assert await importing.tally() == {"no_consent": 1, "malformed": 1}


async def test_a_broken_line_is_told_with_its_number_and_the_next_one_is_read(
    world: World, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await accepted(world)
    monkeypatch.setattr(files, "LONGEST_LINE", 5000)
    world.clock.move(days=1)
    good = renamed(written.nginx(a_view(browser)), world.site.key)
    done = await importing.lines(
        b"\xef\xbb\xbf" + good,
        b"x" * 1_000_000,
        good[:90],
        b"\x00\xff",
        b"",
        renamed(written.nginx(a_view(browser, after=2 * DAY_MS)), world.site.key),
        good,
    )

    assert (done.lines, done.recorded) == (7, 2)
    assert [number for number, _ in importing.broken] == [2, 3, 4, 6]
    assert importing.broken[3] == (6, "The time lies in the future.")
    assert (await importing.tally())["malformed"] == 4


async def test_a_packed_file_that_is_damaged_is_taken_up_to_there(
    world: World, importing: Importing
) -> None:
    browser = await accepted(world)
    world.clock.move(days=1)
    views = (a_view(browser, after=n * 997) for n in range(2000))
    content = b"".join(renamed(written.nginx(one), world.site.key) + b"\n" for one in views)
    packed = gzip.compress(content)
    done = await importing.content(packed[: len(packed) // 2])
    whole = await importing.content(packed)

    assert 0 < done.recorded < 2000
    assert "cannot be unpacked" in done.damage
    assert (whole.recorded + whole.known, whole.damage) == (2000, "")
    assert len(await importing.rows()) == 2000


async def test_a_visit_goes_on_from_one_file_to_the_next_also_where_a_later_visit_is_there(
    world: World, importing: Importing
) -> None:
    browser = await accepted(world)
    world.clock.move(days=9)
    await browser.send()
    await importing.rows()
    await importing.views(a_view(browser, after=1000))
    await importing.views(a_view(browser, after=61_000))
    rows = await importing.rows()

    assert [row["visit_id"] for row in rows[:2]] == [rows[0]["event_id"]] * 2
    assert rows[2]["visit_id"] == rows[2]["event_id"]


async def test_law_7_an_import_that_was_cut_short_is_completed_by_the_next_one(
    world: World, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batches up to there are stored; of the tally nothing is."""
    browser = await accepted(world)
    world.clock.move(days=1)
    views = [a_view(browser, after=n * 1000) for n in range(25)]
    monkeypatch.setattr(importing_module, "AT_ONCE", 10)
    with monkeypatch.context() as patch:
        patch.setattr(ImportedFiles, "note", interrupted)
        with pytest.raises(InterruptedError):
            await importing.views(a_view(None), *views)
    assert len(await importing.rows()) == 25
    assert await importing.tally() == {}

    done = await importing.views(a_view(None), *views)
    assert (done.recorded, done.known) == (0, 25)
    assert await importing.tally() == {"no_consent": 1}
    assert len({row["visit_id"] for row in await importing.rows()}) == 1


async def interrupted(*_args: object) -> None:
    raise InterruptedError


async def test_where_the_disk_is_short_nothing_more_is_imported(
    tmp_path: Path,
) -> None:
    free = [1 << 40]
    async with open_world(tmp_path, free_of=lambda _folder: free[0]) as world:
        importing = Importing(world, tmp_path)
        browser = await accepted(world)
        world.clock.move(days=1)
        free[0] = 0
        with pytest.raises(Unavailable):
            await importing.views(a_view(browser))
        free[0] = 1 << 40
        assert (await importing.views(a_view(browser))).recorded == 1


async def test_memory_does_not_grow_with_the_file(importing: Importing) -> None:
    line = written.apache(a_view(None, target=f"/{'x' * 300}"))

    async def peak(lines: int) -> int:
        importing.path.write_bytes((line + b"\n") * lines)
        tracemalloc.start()
        assert (await importing.file()).lines == lines
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    importing.world.clock.move(days=1)
    await peak(100)
    assert await peak(6000) < await peak(1500) + 100_000


async def test_what_retention_would_delete_is_not_recorded(
    world: World, importing: Importing
) -> None:
    browser = await accepted(world)
    world.clock.move(days=3000)
    done = await importing.views(a_view(browser))
    assert done.reasons == {"too_old": 1}


async def test_global_privacy_control_in_a_log_holds_as_in_a_request(
    world: World, importing: Importing
) -> None:
    browser = await accepted(world)
    world.clock.move(days=1)
    line = msgspec.json.decode(renamed(written.caddy(a_view(browser)), world.site.key))
    line["request"]["headers"]["Sec-Gpc"] = ["1"]
    done = await importing.lines(msgspec.json.encode(line))
    assert done.reasons == {"signal": 1}


async def test_a_line_without_a_host_is_of_the_sites_first_one_or_of_the_one_that_is_named(
    world: World, importing: Importing
) -> None:
    with pytest.raises(Misconfigured):
        await open_importer(world.services, world.site, "evil.example")

    browser = await accepted(world)
    world.clock.move(days=1)
    done = await importing.views(a_view(browser, host=""))
    assert done.recorded == 1
    assert [row["host"] for row in await importing.rows()] == ["example.org"]


async def test_a_real_log_with_cookies_in_it_is_imported_once_however_often_it_is_read(
    tmp_path: Path,
) -> None:
    """The log is public (see NOTICE): 10,000 lines of four days, one of them cut in half."""
    lines = lzma.decompress(LOG.read_bytes()).splitlines()
    hosts = ("semicomplete.com",)
    async with open_world(tmp_path, hosts=hosts) as world:
        world.clock.now = 1_431_820_800_000  # the day before its first line
        importing = Importing(world, tmp_path)
        tokens = await _tokens(world, lines)
        world.clock.move(days=30)
        put_in = [b'%s "%s"' % (line, tokens.get(_address(line), b"-")) for line in lines]
        first = await importing.lines(*put_in)
        rows, tally = await importing.rows(), await importing.tally()
        again = await importing.lines(*put_in)

        assert (first.lines, again.recorded) == (10_000, 0)
        assert first.recorded == again.known == len(rows) > 100
        assert [number for number, _ in importing.broken] == [8899]
        refused = sum(n for reason, n in first.reasons.items() if not is_rule(reason))
        assert first.recorded + refused == 10_000
        assert {reason_of(one)[0] for one in first.reasons} - {*Reason, "not_a_page"} == {
            row["bot_rule"] for row in rows if row["bot_rule"]
        }
        assert (await importing.rows(), await importing.tally()) == (rows, tally)
        assert {row["ip"] for row in rows} <= {one.decode() for one in tokens}
    assert await asyncio.to_thread(examine, tmp_path / "data") == []


def _address(line: bytes) -> bytes:
    return line.partition(b" ")[0]


async def _tokens(world: World, lines: Sequence[bytes]) -> dict[bytes, bytes]:
    """Let every fifth of the most frequent visitors say yes."""
    often = [ip for ip, _ in Counter(map(_address, lines)).most_common(100)][::5]
    tokens = {}
    for ip in often:
        browser = world.browser()
        browser.headers["Origin"] = "https://semicomplete.com"
        await browser.accept()
        tokens[ip] = browser.token.encode()
    return tokens
