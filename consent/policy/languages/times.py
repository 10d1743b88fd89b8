"""How a language writes days, times of day and short durations, of a site's time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta


class LocalTimes:
    """Writes times of a zone in the language of a BCP 47 tag."""

    def __init__(self, tag: str, zone: str) -> None:
        self._locale = Locale.parse(tag, sep="-")
        self._zone = ZoneInfo(zone)

    def moment(self, time: datetime, *, exact: bool = False) -> str:
        """Write a naive UTC time, e.g. `Montag, 2. November 2026, 13:32`; `exact` has seconds."""
        local = self._local(time)
        day = format_date(local.date(), "full", locale=self._locale)
        clock = format_time(local, "medium" if exact else "short", locale=self._locale)
        return f"{day}, {clock}"

    def second(self, time: datetime) -> str:
        """Write a naive UTC time as a time of day with seconds, e.g. `13:32:07`."""
        return self._local(time).strftime("%H:%M:%S")

    def day(self, milliseconds: int) -> str:
        """Write the local day of a time in ms since the epoch, e.g. `2. November 2026`."""
        at = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(self._zone)
        return format_date(at.date(), "long", locale=self._locale)

    def stay(self, milliseconds: int) -> str:
        """Write how long something took, e.g. `3 Minuten`; at least a second."""
        span = timedelta(seconds=max(1, round(milliseconds / 1000)))
        return format_timedelta(span, threshold=1.5, locale=self._locale)

    def _local(self, time: datetime) -> datetime:
        return time.replace(tzinfo=UTC).astimezone(self._zone)
