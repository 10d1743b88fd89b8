"""Classification is measured on a set that others labelled, of which one half stays unseen."""

import lzma
from pathlib import Path

import pytest
from publicsuffixlist import PublicSuffixList

from benchmarks import classify
from benchmarks.classification import public_sources
from collector.enrichment.sources.addresses import read_referrer
from collector.enrichment.sources.origin import source_of

SUFFIXES = PublicSuffixList()
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


@pytest.mark.parametrize("tuning", [True, False])
def test_of_published_vectors_nine_in_ten_sources_and_channels_are_right(tuning: bool):
    given = [one for one in public_sources.vectors() if one.is_for_tuning is tuning]
    assert len(given) > 1000
    judged = list(public_sources.judged(given))
    for thing in ("sources", "channels"):
        hits = [hit for name, hit, _, _ in judged if name == thing]
        assert sum(hits) / len(hits) > 0.95


def test_a_host_that_only_looks_like_one_of_the_vectors_is_not_its_source():
    hosts = {read_referrer(one.referrer).host for one in public_sources.vectors()} - {""}
    domains = {SUFFIXES.privatesuffix(host) or host for host in hosts}
    assert len(domains) > 500
    for domain in domains:
        dashed = domain.replace(".", "-")
        for alike in (f"not{domain}", f"{domain}.evil-example.net", f"{dashed}.evil-example.net"):
            found = source_of(f"https://{alike}/", "https://example.com/", public_sources.HOSTS)
            assert found.source == alike.removeprefix("www."), domain


def test_without_a_set_sources_and_channels_are_told_and_no_miss_of_the_unseen_half(
    capsys: pytest.CaptureFixture[str],
):
    assert classify.main(["--misses"]) == 0
    said = capsys.readouterr().out
    shown = {line.split("\t")[3] for line in said.splitlines() if "\t" in line}

    assert "Sources: the half that nobody looks into" in said
    assert shown <= {one.referrer for one in public_sources.vectors() if one.is_for_tuning}
