"""The list of decisions that a restore carries out is read completely, or refused by line."""

import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from askfirst.errors import Misconfigured
from server.backups.erased_parts import ErasedSpan
from server.backups.later_access_ends import AccessEnded
from server.backups.later_decisions import Decisions, read_decisions
from server.backups.later_restrictions import Restricted
from server.cli import commands

ONE, OTHER = "1" * 32, "a" * 32
TIME = 1_767_268_800_000

numbers = st.text("0123456789abcdef", min_size=32, max_size=32)
times = st.integers(10**12, 10**13 - 1)
held = st.builds(Restricted, times, st.none() | times)
spans = st.builds(
    lambda number, first, length, at: ErasedSpan(number, first, first + length, at),
    numbers,
    st.integers(0, 10**13),
    st.integers(1, 10**13),
    times,
)
lists = st.builds(
    Decisions,
    st.frozensets(numbers),
    st.dictionaries(numbers, times),
    restricted=st.dictionaries(numbers, held),
    visits=st.frozensets(numbers, max_size=3),
    spans=st.frozensets(spans, max_size=3),
    access_ended=st.frozensets(
        st.builds(AccessEnded, numbers, times, st.sampled_from(["visitor", "staff"])), max_size=3
    ),
)
asides = st.sampled_from(["", " ", "\t", "# a word of the owner", "  # withdrawn", "\r", "\f"])
words = st.sampled_from(
    [
        "erased",
        "withdrawn",
        "deleted",
        "restricted",
        "lifted",
        "access-ended",
        "staff",
        ONE,
        OTHER,
        str(TIME),
        "-1",
        "1e9",
        "#",
    ]
)
lines = st.lists(words, max_size=4).map(" ".join)
texts = st.one_of(
    st.text(), st.text(string.printable), st.lists(lines | st.text(max_size=9)).map("\n".join)
)
many = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str | bytes], Decisions]:
    def _read(text: str | bytes) -> Decisions:
        path = tmp_path / "list"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(errors="surrogatepass"))
        return read_decisions(path)

    return _read


@many
@given(decisions=lists)
def test_a_list_that_was_written_is_read_as_it_was(read, decisions: Decisions):
    assert read(decisions.text()) == decisions


@many
@given(decisions=lists, more=st.lists(st.tuples(st.integers(0, 20), asides)))
def test_blank_lines_and_comments_say_nothing(read, decisions: Decisions, more):
    written = decisions.text().split("\n")
    for place, line in more:
        written.insert(place, line)

    assert read("\n".join(written)) == decisions


@many
@given(text=texts)
@example(text="\n")
@example(text="\nerased\n")
@example(text=f"withdrawn {ONE}")
@example(text=f"withdrawn {ONE} {'9' * 5000}")
@example(text=f"withdrawn {ONE} {'٣' * 13}")
def test_whatever_a_list_holds_it_is_read_or_refused_with_a_sentence(read, text: str):
    said = "."
    try:
        read(text)
    except Misconfigured as error:
        said = error.message
    assert said.endswith(".")


@pytest.mark.parametrize("content", [b"\xff\xfee\x00", b"\xef\xbb\xbferased", b"erased \x80"])
def test_bytes_that_are_no_decision_are_named_by_their_line(read, content: bytes):
    with pytest.raises(Misconfigured, match=r"Line 2 of .* is no decision"):
        read(b"\n" + content)


MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


@pytest.mark.parametrize("comment", ["Löschung vom März", "消去", MARK])
def test_a_comment_may_be_any_text_and_a_mark_of_utf_8_is_read_over(read, comment: str):
    text = f"{MARK}erased {ONE}  # {comment}\r\n# {comment}\r\n"
    joined = text.encode() + b"# \xff\xfe\n" + text.replace(ONE, OTHER).encode()

    assert read(joined) == Decisions(frozenset({ONE, OTHER}), {})


@many
@given(decisions=lists, data=st.data())
def test_law_6_a_list_that_lacks_a_line_is_refused(read, decisions: Decisions, data):
    """A full disk cuts a list at the end of a line; unnoticed, erasures would be left out."""
    whole = decisions.text().splitlines(keepends=True)
    begin = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(begin + 1, len(whole) + 1))
    cut = "".join(whole[:begin] + whole[end:])
    if cut == "".join(whole):
        assert read(cut) == decisions
    else:
        with pytest.raises(Misconfigured, match=r"is not whole|beginning is missing|is empty"):
            read(cut)


@many
@given(one=lists, other=lists, end=st.integers(0, 60))
def test_law_6_of_joined_lists_each_is_whole(read, one: Decisions, other: Decisions, end: int):
    lines = other.text().splitlines(keepends=True)
    both = read(one.text() + other.text())

    assert both.erased == one.erased | other.erased
    assert set(both.withdrawn) == set(one.withdrawn) | set(other.withdrawn)
    if 0 < end < len(lines):
        for cut in (one.text() + "".join(lines[:end]), "".join(lines[:end]) + one.text()):
            with pytest.raises(Misconfigured, match="is not whole"):
                read(cut)


def test_a_list_of_an_older_version_may_be_joined_with_a_new_one(read):
    new, old = Decisions(frozenset({ONE}), {}).text(), f"erased {OTHER}\n"

    assert read(old) == Decisions(frozenset({OTHER}), {})
    assert read(old + new) == read(new + old) == Decisions(frozenset({ONE, OTHER}), {})


def test_a_list_without_decisions_is_no_empty_file(read):
    assert read(Decisions(frozenset(), {}).text()) == Decisions(frozenset(), {})
    for content in ("", "\n\n", "# nothing\n"):
        with pytest.raises(Misconfigured, match="is empty: it was cut off, or an older version"):
            read(content)


def test_a_line_that_was_put_in_is_seen(read):
    text = Decisions(frozenset({ONE}), {}).text().replace("erased", f"erased {OTHER}\nerased", 1)
    with pytest.raises(Misconfigured, match="holds 1 decisions, and 2 are there"):
        read(text)


@pytest.mark.parametrize(
    "line",
    [
        "erased",
        f"erased {ONE} {OTHER}",
        f"erased {ONE[:-1]}",
        f"erased {ONE.replace('1', 'g')}",
        f"erased  #{ONE}",
        f"erased-visit {ONE[:-1]}",
        f"erased-span {ONE} 0 {TIME}",
        f"erased-span {ONE} 0 {TIME} {TIME} 0",
        f"erased-span {ONE} 00 {TIME} {TIME}",
        f"erased-span {ONE} {TIME} {TIME} {TIME}",
        f"withdrawn {ONE}",
        f"withdrawn {ONE} yesterday",
        f"withdrawn {ONE} -{TIME}",
        f"withdrawn {ONE} 1_767_268_800_00",
        f"withdrawn {ONE} {str(TIME)[:9]}",
        f"{ONE}",
        f"Erased {ONE}",
    ],
)
def test_the_first_line_that_is_no_decision_is_named_by_its_number(read, line: str):
    with pytest.raises(Misconfigured, match=r"Line 3 of .*list is no decision"):
        read(f"erased {ONE}\n\n{line}\nnonsense\n")


def test_two_lists_may_be_joined_and_the_earlier_withdrawal_holds(read):
    joined = f"withdrawn {ONE} {TIME}\nerased {OTHER}\nerased {OTHER}\nwithdrawn {ONE} {TIME - 1}\n"

    assert read(joined) == Decisions(frozenset({OTHER}), {ONE: TIME - 1})


def test_a_bad_list_ends_the_restore_before_anything_is_written(tmp_path: Path):
    (tmp_path / "list").write_text("nonsense\n")
    words = ["restore", str(tmp_path / "none.tar"), str(tmp_path / "new")]
    ended = CliRunner().invoke(commands, [*words, "--decisions-from", str(tmp_path / "list")])

    assert ended.exit_code == 2
    assert "Line 1" in ended.output
    assert not (tmp_path / "new").exists()
