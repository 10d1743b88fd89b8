"""Countries: the shipped file, an owner's file in either format, and damaged files."""

import tempfile
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from collector.enrichment.countries import Countries, _code, shipped_countries

MAXMIND = Path(__file__).parents[2] / "data" / "maxmind-city-test.mmdb"


def test_the_shipped_file_knows_countries_for_both_kinds_of_address(tmp_path: Path):
    geoip = Countries(shipped_countries(tmp_path))

    assert geoip.country("81.2.69.142") == "GB"
    assert geoip.country("2a00:1450:4009:81f::200e") != ""
    assert geoip.country("127.0.0.1") == ""
    geoip.close()


def test_the_shipped_file_is_unpacked_once(tmp_path: Path):
    first = shipped_countries(tmp_path)
    written = first.stat().st_mtime_ns

    assert shipped_countries(tmp_path) == first
    assert first.stat().st_mtime_ns == written
    assert list(tmp_path.iterdir()) == [first]


def test_a_maxmind_file_with_nested_records_is_read():
    geoip = Countries(MAXMIND)

    assert geoip.country("81.2.69.142") == "GB"
    geoip.close()


@pytest.mark.parametrize("ip", ["", "nonsense", "999.1.1.1", "testclient"])
def test_what_is_no_address_has_no_country(ip: str):
    geoip = Countries(MAXMIND)

    assert geoip.country(ip) == ""
    geoip.close()


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
        geoip = Countries(path)
        countries = {geoip.country(f"81.2.69.{n}") for n in range(256)}
        geoip.close()

    assert countries == {""} or damage == "zeroed"
    assert len([line for line in logs if line["event"] == "geoip_unavailable"]) <= 1
    assert damage == "zeroed" or len(logs) == 1


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"country_code": "gb"}, "GB"),
        ({"country": {"iso_code": "DE"}}, "DE"),
        ({"country": "FR"}, "FR"),
        ({"country": {"iso_code": None}, "country_code": "IT"}, "IT"),
        ({"country": {"iso_code": "<b>"}}, ""),
        ({"country": 7}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_flat_and_nested_records_are_read(record: object, code: str):
    assert _code(record) == code


def test_a_file_on_which_the_librarys_c_code_ends_the_process_means_unknown(tmp_path: Path):
    damaged = bytearray(MAXMIND.read_bytes())
    assert damaged[11367] == 0o35
    damaged[11367] = 0o62
    path = tmp_path / "geoip.mmdb"
    path.write_bytes(damaged)

    with structlog.testing.capture_logs() as logs:
        geoip = Countries(path)
        first = geoip.country("81.2.69.142")
        geoip.country("81.2.69.160")
        geoip.close()

    assert first == ""
    assert len(logs) == 1


@given(at=st.integers(0, MAXMIND.stat().st_size - 1), byte=st.integers(0, 255))
def test_any_one_byte_may_be_wrong(at: int, byte: int):
    damaged = bytearray(MAXMIND.read_bytes())
    damaged[at] = byte
    with tempfile.TemporaryDirectory() as folder, structlog.testing.capture_logs():
        path = Path(folder) / "geoip.mmdb"
        path.write_bytes(damaged)
        geoip = Countries(path)
        for ip in ("81.2.69.142", "2001:218::1", "67.43.156.9"):
            assert len(geoip.country(ip)) in (0, 2)
        geoip.close()
