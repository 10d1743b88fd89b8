"""What the form for a share link holds, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from askfirst.sign_in.passwords import password_error
from askfirst.sites import host_of
from reports.http.forms import Form
from reports.http.typed_days import typed_day
from reports.saved.segments import SavedSegment
from reports.sites.hosts import takes_in_everybody
from reports.url.comparing import DAY

LONGEST_NAME = 64
MOST_HOSTS = 20
LONGEST_DAYS = 366 * 2
BY_COOKIE = (
    "A report that other sites show takes no password: browsers do not send its cookie from there."
)


@dataclass(frozen=True)
class TypedLink:
    """What the form holds; `segment` is None for all visits."""

    name: str = ""
    segment: SavedSegment | None = None
    password: str = ""
    until: str = ""
    hosts: str = ""
    files: bool = False

    @property
    def embedded_in(self) -> tuple[str, ...]:
        """The hosts whose pages may show the report."""
        return tuple(dict.fromkeys(self.hosts.lower().split()))


def typed_link(form: Form, segments: Sequence[SavedSegment]) -> TypedLink:
    """Read the form; `segments` are those that a link can be limited to."""
    chosen = form.get("segment", "")
    return TypedLink(
        name=" ".join(form.get("name", "").split()),
        segment=next((one for one in segments if str(one.id) == chosen), None),
        password=form.get("password_new", ""),
        until=form.get("until", ""),
        hosts=form.get("embedded_in", ""),
        files="files" in form,
    )


def faults_of(typed: TypedLink, chosen: str, today: date) -> Mapping[str, str]:
    """Return what is wrong, by the field's name; `chosen` is the segment that was asked for.

    It may take some hundredths of a second: call it in a thread.
    """
    found: dict[str, str] = {}
    if not typed.name or len(typed.name) > LONGEST_NAME or not typed.name.isprintable():
        found["name"] = f"Say who gets the link, in at most {LONGEST_NAME} characters."
    if chosen and typed.segment is None:
        found["segment"] = "This segment is gone, or the policy no longer covers it."
    if typed.until and _last_day(typed.until, today) is None:
        found["until"] = "Write a day from today to two years from now, or none."
    if fault := _fault_of_hosts(typed.embedded_in):
        found["embedded_in"] = fault
    if typed.password and (fault_of_password := password_error(typed.password)):
        found["password_new"] = fault_of_password
    elif typed.password and typed.embedded_in:
        found["password_new"] = BY_COOKIE
    return found


def expiry_of(until: str, today: date, zone: str) -> int | None:
    """Return the end of a day on local clocks in milliseconds since the epoch, None without one."""
    day = _last_day(until, today)
    if day is None:
        return None
    end = datetime.combine(day + DAY, time.min, ZoneInfo(zone))
    return round(end.astimezone(UTC).timestamp() * 1000)


def _last_day(until: str, today: date) -> date | None:
    return typed_day(until, today, today + LONGEST_DAYS * DAY)


def _fault_of_hosts(hosts: Sequence[str]) -> str:
    if len(hosts) > MOST_HOSTS:
        return f"Name at most {MOST_HOSTS} hosts."
    names = [one.removeprefix("*.") for one in hosts]
    if not all(host_of(f"https://{name}") == name for name in names):
        return "Write hosts as example.org, *.example.org or localhost:8001, one a line."
    if takes_in_everybody(hosts):
        return "Right below a public suffix a wildcard takes in everybody's websites."
    return ""
