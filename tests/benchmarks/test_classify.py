"""Classification is measured on a set that others labelled, of which one half stays unseen."""

import lzma
from pathlib import Path

import pytest

from benchmarks import classify

ENGINE = "AppleWebKit/537.36 (KHTML, like Gecko)"
PHONE = f"Mozilla/5.0 (Linux; Android 14; K) {ENGINE} Chrome/131.0.0.0 Mobile Safari/537.36"
ROWS = (
    (PHONE, "person", "Chrome Mobile", "Android", "smartphone"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
     "person", "Opera", "GNU/Linux", "desktop"),
    ("NoSuchBot/1.0 (+https://example.org/)", "bot", "", "", ""),
    ("Something", "bot", "", "", ""),
    ("AnotherBot/1.0", "person", "", "", "smart speaker"),
)  # fmt: skip


def a_set(path: Path) -> Path:
    header = "user_agent\tkind\tbrowser\tsystem\tdevice"
    text = "\n".join((header, *("\t".join(row) for row in ROWS))) + "\n"
    path.write_bytes(lzma.compress(text.encode()) if path.suffix == ".xz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["set.tsv", "set.tsv.xz"])
def test_hits_and_misses_are_counted(tmp_path: Path, name: str):
    found = classify.measure(classify.read_set(a_set(tmp_path / name)))

    assert found["bots found"] == (1, 2)
    assert found["people called bots"] == (1, 3)
    assert found["browser"] == (1, 2)
    assert found["system"] == (2, 2)
    assert found["device"] == (2, 2)


def test_the_names_of_sets_and_ours_are_compared_in_one_form():
    assert classify.browser_name("Chrome Mobile WebView") == classify.browser_name("Chrome")
    assert classify.browser_name("Mobile Safari") == classify.browser_name("Safari")
    assert classify.browser_name("Microsoft Edge") != classify.browser_name("Chrome")
    assert classify.system_name("Mac") == classify.system_name("Mac OS X")
    assert classify.system_name("Android TV") == classify.system_name("Android")
    assert classify.exact_system("Android TV") != classify.exact_system("Android")


def test_each_miss_of_the_half_for_tuning_is_told_and_none_of_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert classify.main([str(a_set(tmp_path / "set.tsv")), "--misses"]) == 0
    said = capsys.readouterr().out
    told = [row[0] for row in ROWS if row[0] in said]

    assert "The half that nobody looks into" in said
    assert all(classify.is_for_tuning(user_agent) for user_agent in told)


def test_where_there_is_no_set_it_says_how_to_come_by_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert classify.main([str(tmp_path / "none.tsv")]) == 1
    assert "device-detector" in capsys.readouterr().err
