"""`askfirst places update` takes a newer file that is right, or else leaves the one before."""

import base64
import gzip
import io
import lzma
import os
import stat
import tarfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from askfirst.errors import Misconfigured
from collector.enrichment.places.files import shipped_places
from server.cli import commands
from server.maintenance.updating_places import MOST_BYTES, Update, update_places
from server.services import open_places
from tests.factories import MAXMIND, NOON, settings_in

FILE = MAXMIND.read_bytes()
EPOCH = FILE.rindex(b"build_epoch\x04\x02") + len(b"build_epoch\x04\x02")


def built(later: int) -> bytes:
    """Return the file as if it had been built so many seconds later."""
    epoch = int.from_bytes(FILE[EPOCH : EPOCH + 4], "big") + later
    return FILE[:EPOCH] + epoch.to_bytes(4, "big") + FILE[EPOCH + 4 :]


def archive(name: str, content: bytes, mode: str = "w:gz") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as made:  # type: ignore[call-overload]
        for one, held in (("GeoLite2/LICENSE.txt", b"x"), (name, content)):
            entry = tarfile.TarInfo(one)
            entry.size = len(held)
            made.addfile(entry, io.BytesIO(held))
    return packed.getvalue()


class Web:
    """A web server on loopback that answers with what is put under a path."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.asked: list[tuple[str, str | None]] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append((self.path, self.headers["Authorization"]))
                headers = web.headers.get(self.path, {})
                content = web.files.get(self.path)
                self.send_response(
                    302 if "Location" in headers else 404 if content is None else 200
                )
                for name, value in headers.items():
                    self.send_header(name, value)
                if content is not None and "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture
def web(running: Web) -> Web:
    running.files, running.headers, running.asked = {}, {}, []
    return running


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_places(tmp_path_factory.mktemp("shipped"))


@pytest.fixture(autouse=True)
def _shipped(unpacked: Path, tmp_path: Path) -> None:
    """Put the shipped file where it is unpacked otherwise, which takes half a second."""
    (tmp_path / "places").mkdir(mode=0o700)
    os.link(unpacked, tmp_path / "places" / unpacked.name)


Updated = Callable[..., Update]


@pytest.fixture
def update(tmp_path: Path, web: Web) -> Updated:
    def run(path: str = "/places", most: int = MOST_BYTES, **changes: object) -> Update:
        facts = {"places_file": None, "places_url": web.address + path, **changes}
        settings = settings_in(tmp_path, **facts)
        return update_places(settings, lambda: NOON, lambda *_: None, most)

    return run


def city(folder: Path, **changes: object) -> str:
    """Return the city of an address that is in London, as a server says it."""
    places = open_places(settings_in(folder, **{"places_file": None, **changes}))
    try:
        return places.place("81.2.69.142").city
    finally:
        places.close()


def files_in(folder: Path) -> set[str]:
    return {one.name for one in folder.rglob("*") if one.is_file()}


@pytest.mark.parametrize(
    "content",
    [
        FILE,
        gzip.compress(FILE),
        gzip.compress(FILE[:5000]) + gzip.compress(FILE[5000:]),
        lzma.compress(FILE),
        archive("GeoLite2/City.mmdb", FILE, "w"),
        archive("GeoLite2/City.mmdb", FILE, "w:gz"),
        archive("GeoLite2/City.mmdb", FILE, "w:xz"),
    ],
    ids=["plain", "gzip", "gzip of two", "xz", "tar", "tar.gz", "tar.xz"],
)
def test_a_file_is_taken_however_it_is_packed(
    tmp_path: Path, web: Web, update: Updated, content: bytes
):
    web.files["/places"] = content
    assert city(tmp_path) == ""

    done = update()

    assert (done.taken, done.facts.kind) == (True, "GeoLite2-City")
    assert done.path.read_bytes() == FILE
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    assert city(tmp_path) == "London"
    assert len(files_in(tmp_path)) == 2  # with the shipped one


def test_a_server_that_runs_takes_the_file_up_and_reads_the_newer_one_after_it(
    tmp_path: Path, web: Web, update: Updated
):
    now = [NOON]
    places = open_places(settings_in(tmp_path, places_file=None), lambda: now[0])
    assert places.place("81.2.69.142").city == ""

    for later, known in ((0, True), (0, False), (-1, False), (1, True)):
        web.files["/places"] = built(later)
        assert update().taken is known
        now[0] += 1000
        assert places.place("81.2.69.142").city == "London"
    places.close()


def test_the_owners_own_file_is_the_one_that_is_replaced(tmp_path: Path, web: Web, update: Updated):
    own = tmp_path / "own" / "cities.mmdb"
    web.files["/places"] = FILE
    assert update(places_file=own).taken
    own.chmod(0o644)
    (tmp_path / "link.mmdb").symlink_to(own)

    web.files["/places"] = built(60)
    done = update(places_file=tmp_path / "link.mmdb")

    assert (done.taken, done.path) == (True, own)
    assert own.read_bytes() == built(60)
    assert stat.S_IMODE(own.stat().st_mode) == 0o644
    assert (tmp_path / "link.mmdb").is_symlink()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "answered 404 instead of a file"),
        (b"", "no file of places"),
        (b"<html>Sign in</html>", "no file of places"),
        (FILE[:10_000], "no file of places"),
        (FILE.replace(b"iso_code", b"iso_c0de"), "no country"),
        (gzip.compress(FILE)[:-20], "damaged"),
        (gzip.compress(FILE)[:1000] + b"x" * 1000, "damaged"),
        (lzma.compress(FILE)[:-20], "damaged"),
        (lzma.compress(FILE)[:1000] + b"x" * 1000, "damaged"),
        (archive("GeoLite2/City.csv", FILE), "The archive has no file of places"),
        (archive("GeoLite2/City.mmdb", b"x"), "no file of places"),
        (archive("GeoLite2/City.mmdb", FILE, "w")[:9000], "The archive has no file of places"),
        (gzip.compress(bytes(1 << 21)), "more than 1 MB"),
        (lzma.compress(bytes(1 << 21)), "more than 1 MB"),
        (bytes(1 << 21), "more than 1 MB"),
    ],
)
def test_what_is_no_file_of_places_is_not_taken(
    tmp_path: Path, web: Web, update: Updated, content: bytes | None, sentence: str
):
    web.files["/places"] = FILE
    update()
    before = files_in(tmp_path)
    web.files.pop("/places")
    if content is not None:
        web.files["/places"] = content

    with pytest.raises(Misconfigured) as refused:
        update(most=1 << 20)

    assert sentence in refused.value.message
    assert "/places" not in refused.value.message
    assert city(tmp_path) == "London"
    assert files_in(tmp_path) == before


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"Content-Length": "99999"}, "breaks off"),
        ({"Content-Length": "9999999"}, "more than 1 MB"),
        ({"Location": "file:///etc/hostname"}, "answered 302"),
        ({"Location": "ftp://127.0.0.1/places"}, "answered 302"),
        ({"Location": "/places"}, "answered 302"),
    ],
)
def test_an_answer_that_breaks_off_or_leads_elsewhere_is_refused(
    tmp_path: Path, web: Web, update: Updated, headers: dict[str, str], sentence: str
):
    web.files["/places"], web.headers["/places"] = FILE, headers

    with pytest.raises(Misconfigured, match=sentence):
        update(most=1 << 20)
    assert city(tmp_path) == ""


def test_a_server_that_is_not_there_is_said_without_the_address(update: Updated):
    with pytest.raises(Misconfigured) as refused:
        update(places_url="http://key:secret@127.0.0.1:1/licence=secret")
    assert "127.0.0.1:1" in refused.value.message
    assert "secret" not in refused.value.message


def test_no_address_is_said(update: Updated):
    with pytest.raises(Misconfigured, match="Set places_url"):
        update(places_url="")


def test_user_and_password_are_sent_to_the_host_of_the_address_alone(
    tmp_path: Path, web: Web, update: Updated
):
    web.headers["/places"] = {"Location": web.address.replace("127.0.0.1", "localhost") + "/there"}
    web.files["/there"] = FILE
    here = web.address.replace("//", "//me%40x:s3cret@")

    assert update(places_url=f"{here}/places").taken
    coded = base64.b64encode(b"me@x:s3cret").decode()
    assert web.asked == [("/places", f"Basic {coded}"), ("/there", None)]


def test_the_address_may_name_the_month(web: Web, update: Updated):
    web.files["/city-2026-01.mmdb"] = FILE
    assert update("/city-{month}.mmdb").taken


def test_the_command_says_what_it_did(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "ledger.db").write_bytes(b"")
    tmp_path.chmod(0o700)
    (tmp_path / "ledger.db").chmod(0o600)
    web.files["/places"] = FILE
    monkeypatch.setenv("ASKFIRST_PLACES_URL", f"{web.address}/places")
    run = CliRunner().invoke

    first = run(commands, ["places", "update", "--data", str(tmp_path)])
    again = run(commands, ["places", "update", "--data", str(tmp_path)])
    web.files.clear()
    failed = run(commands, ["places", "update", "--data", str(tmp_path)])

    assert (first.exit_code, again.exit_code, failed.exit_code) == (0, 0, 2)
    assert "fetched.mmdb is the file “GeoLite2-City” of 2026-02-04;" in first.output
    assert "changed: the file “GeoLite2-City” of 2026-02-04 is not newer" in again.output
    assert "answered 404" in failed.output
