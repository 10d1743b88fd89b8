"""The reader's form: the order, words and signs of dates and numbers, by the reader's language.

Sentences stay English; what CLDR says of a language (Babel) sets its dates, times of day and
numbers. Digits stay 0 to 9 in every language, as Babel writes dates: the same figure stands in
files, addresses and fields of forms, and columns of figures stand on each other.

`write_for` names the reader, once a request or mail; whatever is written in the same task from then
on has that form. Where nobody is named (the API, the command line) it is the usual one: 3 Nov 2026,
13:32, 12,345.6, 42.1%.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time

from askfirst.web.language_tags import with_region

LONGEST_TAG = 35
"""Characters of a language tag that accounts and subscriptions keep (RFC 5646, 4.4.1)."""

USUAL = {
    "day": "d MMM",
    "day_of_year": "d MMM y",
    "weekday": "E d MMM",
    "weekday_of_year": "E d MMM y",
    "long": "d MMMM",
    "long_of_year": "d MMMM y",
    "full": "EEEE d MMMM",
    "full_of_year": "EEEE d MMMM y",
    "name": "EEEE",
    "short_name": "E",
    "month": "MMM",
    "month_of_year": "MMM y",
    "clock": "HH:mm",
    "clock_to_second": "HH:mm:ss",
}
"""The shapes of a date or a time of day, each with its usual pattern (UTS 35)."""
_SKELETONS = {
    "day": "MMMd",
    "day_of_year": "yMMMd",
    "weekday": "MMMEd",
    "weekday_of_year": "yMMMEd",
    "long": "MMMMd",
    "month": "MMM",
    "month_of_year": "yMMM",
}
_FIELD = re.compile(r"'[^']*'|E+|c+|M+|L+")
_NO_MORE = re.compile(r"-(?=[0-9a-z]-|[0-9][a-z0-9]{3}\b|[a-z0-9]{5,8}\b)")
"""Before the variants and extensions of a tag."""
_OTHER_SCRIPT = re.compile(r"[^\u0000-\u06ff\u0e80-\u0eff\u10a0-\u10ff\u1e00-\u20cf]").match
_ISOLATED = "\N{RIGHT-TO-LEFT ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True, eq=False)
class Form:
    """How one language writes dates and numbers."""

    tag: str
    """The language's tag, '' for the usual form."""
    locale: Locale
    patterns: Mapping[str, str]
    """The pattern of each shape."""
    moment: str
    """A date and a time of day: `{1}, {0}`."""
    span: str
    """Two dates: `{0} \N{EN DASH} {1}`."""
    point: str
    group: str
    sizes: tuple[int, int]
    """Digits of the last group before the point, and of the others."""
    percent: tuple[str, str]
    """What stands before and behind a percentage."""

    @property
    def is_english(self) -> bool:
        """Return whether its words are of the language of the page."""
        return self.locale.language == "en"

    def isolated(self, text: str) -> str:
        """Keep words that go from right to left in their order within an English sentence."""
        return _ISOLATED.format(text) if self.locale.text_direction == "rtl" else text


_ENGLISH = Locale("en")
_USUAL_FORM = Form(
    "", _ENGLISH, USUAL, "{1}, {0}", "{0} \N{EN DASH} {1}", ".", ",", (3, 3), ("", "%")
)
_READER: ContextVar[Form] = ContextVar("reader", default=_USUAL_FORM)


def reader() -> Form:
    """Return the form in which dates and numbers are written now."""
    return _READER.get()


def write_for(tags: Iterable[str], only: Collection[str] | None = None) -> None:
    """Write from now on, in this task, for a reader of the first language that CLDR knows.

    `tags` are canonical (`askfirst/web/language_tags.py`), the most wanted first. `only` are those
    that are heeded: whoever has no account must not fill the memory with hundreds of languages.
    """
    heeded = tags if only is None else filter(None, (_among(only, tag) for tag in tags))
    _READER.set(next(filter(None, map(form_of, heeded)), _USUAL_FORM))


def _among(known: Collection[str], tag: str) -> str:
    """Return what is known of a tag: its language with its region, without it, or ''."""
    named = with_region(tag)
    return next((one for one in (named, named.partition("-")[0]) if one in known), "")


@lru_cache(maxsize=1024)
def form_of(tag: str) -> Form | None:
    """Return the form of a language tag; None where CLDR does not know its language.

    A region or script that CLDR does not know is passed over, and so is what follows it. `en` is
    the usual form.
    """
    parts = _NO_MORE.split(tag)[0].split("-")
    for count in range(len(parts), 0, -1):
        try:
            locale = Locale.parse("_".join(parts[:count]))
        except (UnknownLocaleError, ValueError):
            continue
        return _USUAL_FORM if str(locale) == "en" else _form(str(locale))
    return None


@cache  # by the name in CLDR: headers can write the same in any number of tags
def _form(name: str) -> Form:
    locale = Locale.parse(name)
    symbols, percent = locale.number_symbols["latn"], locale.percent_formats[None]
    sign = symbols["percentSign"]
    return Form(
        name.replace("_", "-"),
        locale,
        _patterns(locale),
        str(locale.datetime_formats["medium"]).replace("'", ""),
        locale.interval_formats[None],
        symbols["decimal"],
        symbols["group"],
        locale.decimal_formats[None].grouping,
        tuple(one.replace("%", sign) for one in (percent.prefix[0], percent.suffix[0])),
    )


def _patterns(locale: Locale) -> dict[str, str]:
    known = locale.datetime_skeletons
    found = {shape: known[name].pattern for shape, name in _SKELETONS.items()}
    whole = known.get("MMMMEEEEd") or known.get("MMMMEd") or known["MMMEd"]
    return found | {
        "long_of_year": locale.date_formats["long"].pattern,
        "full": _spelt_out(whole.pattern),
        "full_of_year": locale.date_formats["full"].pattern,
        "name": "cccc",
        "short_name": "ccc",
        "clock": _breaking(locale.time_formats["short"].pattern),
        "clock_to_second": _breaking(locale.time_formats["medium"].pattern),
    }


def _breaking(pattern: str) -> str:
    """Return a pattern that a narrow column may break before `PM`."""
    return pattern.replace("\N{NARROW NO-BREAK SPACE}", " ")


def _spelt_out(pattern: str) -> str:
    """Return a pattern with the whole names of weekday and month."""
    return _FIELD.sub(_whole_name, pattern)


def _whole_name(field: re.Match[str]) -> str:
    text = field[0]
    is_short = len(text) == 3 if text[0] in "ML" else text[0] in "Ec"
    return text[0] * 4 if is_short else text


def written(value: date, shape: str) -> str:
    """Write a date, or the time of day of a datetime, in a shape of `USUAL`.

    Every date that staff read comes through here.
    """
    if shape.startswith("clock"):
        assert isinstance(value, datetime)  # noqa: S101 - of a date alone there is no clock
        return _clock(reader(), shape, value.hour, value.minute, value.second)
    return _day(reader(), shape, value.year, value.month, value.day)


@lru_cache(maxsize=8192)
def _day(form: Form, shape: str, year: int, month: int, day: int) -> str:
    return form.isolated(format_date(date(year, month, day), form.patterns[shape], form.locale))


@lru_cache(maxsize=8192)
def _clock(form: Form, shape: str, hour: int, minute: int, second: int) -> str:
    value = time(hour, minute, second)
    return form.isolated(format_time(value, form.patterns[shape], locale=form.locale))


def moment_of(day: str, clock: str) -> str:
    """Join a date and a time of day, both as `written`: 3 Nov, 13:32."""
    return reader().isolated(reader().moment.replace("{1}", day).replace("{0}", clock))


def is_in_shipped_font() -> bool:
    """Return whether the shipped font can write dates: not in Japanese, Hindi, Thai.

    A PDF would have squares in their place on a machine without other fonts. Nor has it the signs
    that keep words from right to left in their order.
    """
    return reader().locale.text_direction == "ltr" and not any(
        _OTHER_SCRIPT(sign) for sign in written(date(2000, 1, 1), "full_of_year")
    )


def between(first: str, last: str) -> str:
    """Join two dates, both as `written`: 28 Oct \N{EN DASH} 26 Nov."""
    return reader().isolated(reader().span.replace("{0}", first).replace("{1}", last))


def decimal(value: float | Decimal, places: int = 0) -> str:
    """Write a number with separated thousands and so many decimals: 12,345.6."""
    form, text = reader(), f"{value:,.{places}f}"
    if form.group == "," and form.point == "." and form.sizes == (3, 3):
        return text
    whole, _, rest = text.partition(".")
    groups = whole.split(",") if form.sizes == (3, 3) else _grouped(whole, *form.sizes)
    return form.group.join(groups) + (form.point + rest if rest else "")


def _grouped(whole: str, last: int, other: int) -> list[str]:
    """Split digits into groups, as in 12,34,567."""
    digits = whole.replace(",", "")
    head, groups = digits[:-last], [digits[-last:]]
    while head:
        head, group = head[:-other], head[-other:]
        groups.insert(0, group)
    return groups


def percentage(text: str) -> str:
    """Write a number, as `decimal` does it, as a percentage: 42.1%."""
    before, behind = reader().percent
    return f"{before}{text}{behind}"
