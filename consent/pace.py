"""How many choices one address, and one site, may send; addresses are known for a day at most.

To leave is never made as hard as to flood: a no, a withdrawal and an erasure have a limit of their
own, and it is ten times as high.
"""

from askfirst.clock import DAY_MS
from askfirst.consents import REASON_SENTENCES, Reason
from askfirst.errors import TooFast
from askfirst.pace import HOUR_MS, MINUTE_MS, AddressPace, Limit, Senders
from consent.choices import Accept, Choice, Erase
from consent.parts import Parts

LEAVING = 10
"""Times as many requests as yeses may come of one address in a minute."""
FEW = 5
"""Yeses of one address in a day that are taken even where a site has had half of its ceiling."""


class ChoicePace:
    """Lets choices pass; `check` is asked of each request, `admit` of each choice."""

    def __init__(self, parts: Parts) -> None:
        settings = parts.settings
        self._clock = parts.clock
        self._refuse_if_short = parts.refuse_if_short
        self._ceiling = parts.ceiling
        self._requests = AddressPace([Limit(settings.choices_per_minute * LEAVING, MINUTE_MS)])
        self._yeses = AddressPace(
            [
                Limit(settings.choices_per_minute, MINUTE_MS),
                Limit(settings.choices_per_hour, HOUR_MS),
                Limit(settings.choices_per_day, DAY_MS),
            ]
        )
        self._today = Senders(DAY_MS)

    def check(self, address: str) -> None:
        """Count one request; raises `TooFast` with the seconds to wait."""
        _refuse_if(self._requests.wait_for(address, self._clock()))

    def admit(self, wish: Choice | Erase, site_id: int, address: str) -> None:
        """Count a yes; whoever leaves passes.

        Raises `TooFast`, and `Unavailable` where the disk has too little room for a record.
        """
        if not isinstance(wish, Accept):
            return
        self._refuse_if_short()
        now = self._clock()
        _refuse_if(self._yeses.wait_for(address, now))
        today = self._today.of(address, now)
        _refuse_if(self._ceiling.wait_for(site_id, 1, now, few=today.fits(FEW)))
        today.add()


def _refuse_if(wait: int) -> None:
    if wait:
        raise TooFast(REASON_SENTENCES[Reason.TOO_FAST], retry_after=wait)
