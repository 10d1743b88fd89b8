"""Places: the shipped file, files of other forms, damaged files, and files that are swapped."""

import os
import tempfile
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from collector.enrichment.places.files import PlacesFile, files_of, provider_of, shipped_places
from collector.enrichment.places.places import Places
from collector.enrichment.places.records import UNKNOWN, Place
from tests.factories import NOON

MAXMIND = Path(__file__).parents[3] / "data" / "maxmind-city-test.mmdb"
LONDON = Place("GB", "England", "London")


def places_in(path: Path, *, is_ours: bool = False) -> Places:
    return Places([PlacesFile(path, is_ours)])


@pytest.fixture(scope="module")
def places():
    opened = places_in(MAXMIND)
    yield opened
    opened.close()


def test_the_shipped_file_knows_countries_for_both_kinds_of_address(tmp_path: Path):
    places = Places(files_of(tmp_path, None))

    assert places.country("81.2.69.142") == "GB"
    assert places.place("81.2.69.142") == Place("GB")
    assert places.country("2a00:1450:4009:81f::200e") != ""
    assert places.country("127.0.0.1") == "local"
    assert places.provider() == "DB-IP"
    places.close()


def test_the_shipped_file_is_unpacked_once(tmp_path: Path):
    first = shipped_places(tmp_path)
    written = first.stat().st_mtime_ns

    assert shipped_places(tmp_path) == first
    assert first.stat().st_mtime_ns == written
    assert list(tmp_path.iterdir()) == [first]


@pytest.mark.parametrize(
    ("ip", "place"),
    [
        ("81.2.69.142", LONDON),
        ("::ffff:81.2.69.142", LONDON),
        ("2.125.160.216", Place("GB", "England", "Boxford")),
        ("89.160.20.112", Place("SE", "Östergötland County", "Linköping")),
        ("2001:218::1", Place("JP")),
        ("67.43.156.9", Place("BT")),
        ("198.51.100.7", UNKNOWN),
        ("10.1.2.3", Place("local")),
        ("172.31.255.255", Place("local")),
        ("172.32.0.0", UNKNOWN),
        ("192.168.0.1", Place("local")),
        ("100.64.0.1", Place("local")),
        ("100.128.0.1", UNKNOWN),
        ("127.0.0.1", Place("local")),
        ("::ffff:127.0.0.1", Place("local")),
        ("169.254.1.1", Place("local")),
        ("::1", Place("local")),
        ("fe80::1%eth0", Place("local")),
        ("fd00::1", Place("local")),
        ("", UNKNOWN),
        ("nonsense", UNKNOWN),
        ("999.1.1.1", UNKNOWN),
        ("testclient", UNKNOWN),
    ],
)
def test_an_address_has_a_place_or_is_local_or_unknown(places: Places, ip: str, place: Place):
    assert places.place(ip) == place
    assert places.country(ip) == place.country


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_file_is_read_mapped_or_not(is_ours: bool):
    places = places_in(MAXMIND, is_ours=is_ours)

    assert places.place("81.2.69.142") == LONDON
    places.close()


@pytest.mark.parametrize(
    ("kind", "provider"),
    [
        ("DBIP-City-Lite", "DB-IP"),
        ("DBIP-Location (compat=City)", "DB-IP"),
        ("GeoLite2-Country", "MaxMind"),
        ("GeoIP2-Enterprise", "MaxMind"),
        ("ipinfo standard_location.mmdb", ""),
        ("", ""),
    ],
)
def test_the_kind_of_a_file_tells_whose_data_it_has(kind: str, provider: str):
    assert provider_of(kind) == provider


class Swap:
    """A file that is swapped while places are looked up in it, and a clock that is stopped."""

    def __init__(self, folder: Path, *, is_ours: bool = True) -> None:
        self.path = folder / "places.mmdb"
        self.now = NOON
        self.file = PlacesFile(self.path, is_ours)

    def open(self) -> Places:
        return Places([self.file], lambda: self.now)

    def put(self, source: Path) -> None:
        fresh = self.path.with_name("fresh")
        fresh.write_bytes(source.read_bytes())
        fresh.replace(self.path)


def test_a_file_that_is_swapped_is_taken_up_a_second_later(tmp_path: Path):
    swap = Swap(tmp_path)
    swap.put(shipped_places(tmp_path))
    places = swap.open()
    assert places.place("81.2.69.142") == Place("GB")

    swap.put(MAXMIND)
    swap.now += 999
    assert places.place("81.2.69.142") == Place("GB")
    swap.now += 1
    assert places.place("81.2.69.142") == LONDON
    places.close()


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_file_that_comes_later_is_taken_up_and_one_that_goes_is_still_used(
    tmp_path: Path, is_ours: bool
):
    swap = Swap(tmp_path, is_ours=is_ours)
    with structlog.testing.capture_logs() as logs:
        places = swap.open()
        swap.now += 5000
        assert places.place("81.2.69.142") == UNKNOWN
        assert places.place("127.0.0.1") == Place("local")
        assert places.provider() == ""
        assert len(logs) == 1

        swap.put(MAXMIND)
        swap.now += 1000
        assert places.place("81.2.69.142") == LONDON
        assert places.provider() == "MaxMind"

        swap.path.unlink()
        swap.now += 1000
        assert places.place("2.125.160.216") == Place("GB", "England", "Boxford")
        places.close()


def test_a_damaged_file_in_its_place_leaves_the_one_before_and_is_logged_once(tmp_path: Path):
    swap = Swap(tmp_path)
    swap.put(MAXMIND)
    places = swap.open()
    with structlog.testing.capture_logs() as logs:
        (tmp_path / "damaged").write_bytes(b"no database")
        swap.put(tmp_path / "damaged")
        for _ in range(3):
            swap.now += 1000
            assert places.place("81.2.69.142") == LONDON
        assert [line["event"] for line in logs] == ["geoip_unavailable"]

        swap.put(shipped_places(tmp_path))
        swap.now += 1000
        assert places.place("81.2.69.142") == Place("GB")
    places.close()


def test_a_file_that_is_cut_and_written_anew_while_it_is_used_stops_nothing(tmp_path: Path):
    swap = Swap(tmp_path, is_ours=False)
    swap.put(MAXMIND)
    places = swap.open()
    with structlog.testing.capture_logs():
        os.truncate(swap.path, 0)
        assert places.place("81.2.69.142") == UNKNOWN
        swap.now += 1000
        assert places.place("81.2.69.144") == UNKNOWN

        swap.path.write_bytes(MAXMIND.read_bytes())
        swap.now += 1000
        assert places.place("81.2.69.142") == LONDON
    places.close()


def test_a_fetched_file_goes_before_the_shipped_one_and_the_owners_before_both(tmp_path: Path):
    files = files_of(tmp_path, None)
    assert [file.path.exists() for file in files] == [False, True]
    assert [file.is_ours for file in files] == [True, True]

    files[0].path.write_bytes(MAXMIND.read_bytes())
    places = Places(files)
    assert places.place("81.2.69.142") == LONDON
    places.close()

    own = tmp_path / "own.mmdb"
    assert files_of(tmp_path, own) == (PlacesFile(own, is_ours=False),)


@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "cut", "zeroed"])
def test_a_broken_file_means_unknown_and_one_warning(tmp_path: Path, damage: str):
    path = tmp_path / "geoip.mmdb"
    good = MAXMIND.read_bytes()
    bytes_of = {
        "empty": b"",
        "garbage": b"not a database" * 100,
        "cut": good[: len(good) // 2],
        "zeroed": b"\x00" * 4000 + good[4000:],
    }
    if damage in bytes_of:
        path.write_bytes(bytes_of[damage])

    with structlog.testing.capture_logs() as logs:
        places = places_in(path)
        countries = {places.country(f"81.2.69.{n}") for n in range(256)}
        places.close()

    assert countries == {""} or damage == "zeroed"
    assert len([line for line in logs if line["event"] == "geoip_unavailable"]) <= 1
    assert damage == "zeroed" or len(logs) == 1


def test_a_file_on_which_the_librarys_c_code_ends_the_process_means_unknown(tmp_path: Path):
    damaged = bytearray(MAXMIND.read_bytes())
    assert damaged[11367] == 0o35
    damaged[11367] = 0o62
    path = tmp_path / "geoip.mmdb"
    path.write_bytes(damaged)

    with structlog.testing.capture_logs() as logs:
        places = places_in(path)
        first = places.country("81.2.69.142")
        places.country("81.2.69.160")
        places.close()

    assert first == ""
    assert len(logs) == 1


@given(
    at=st.integers(0, MAXMIND.stat().st_size - 1), byte=st.integers(0, 255), is_ours=st.booleans()
)
def test_any_one_byte_may_be_wrong(at: int, byte: int, is_ours: bool):
    damaged = bytearray(MAXMIND.read_bytes())
    damaged[at] = byte
    with tempfile.TemporaryDirectory() as folder, structlog.testing.capture_logs():
        path = Path(folder) / "geoip.mmdb"
        path.write_bytes(damaged)
        places = places_in(path, is_ours=is_ours)
        for ip in ("81.2.69.142", "2001:218::1", "67.43.156.9"):
            place = places.place(ip)
            assert len(place.country) in (0, 2)
            assert f"{place.region}{place.city}".isprintable()
        places.close()
