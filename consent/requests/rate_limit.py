"""How many choices one address, and one site, may send; addresses are known for a day at most.

To leave is never made as hard as to flood, and nobody's flood keeps somebody else from leaving: who
withdraws or erases with a token that this server signed is counted by that consent alone, and a no
is answered always. What is junk, and what asks for a receipt or to check one, is counted apart.
"""

from collections.abc import Callable

from askfirst.clock import DAY_MS, Clock
from askfirst.consents import REASON_SENTENCES, Reason, Tokens
from askfirst.errors import AskfirstError, Malformed, Refused, TooFast, TooLarge
from askfirst.rate_limits import HOUR_MS, MINUTE_MS, AddressPace, Ceiling, Limit, Senders
from askfirst.settings import Settings
from askfirst.sites import Site
from consent.requests.token_claims import claims_for
from consent.requests.wire import Accept, Choice, Erase, Refuse

OTHERS = 10
"""Times as many as yeses, of each other kind, may come of one address in a minute."""
FEW = 5
"""Yeses of one address in a day that are taken even where a site has had half of its ceiling."""
OF_A_CONSENT = 20
"""Withdrawals and erasures in a minute with the token of one consent, from wherever they come."""
MOST_CONSENTS = 100_000
"""Consents of one minute that are counted; more may leave uncounted rather than not at all."""
_JUNK = (Malformed, Refused, TooLarge)


class ChoicePace:
    """Lets choices pass; `admit` is asked of each choice before it is carried out."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        tokens: Tokens,
        ceiling: Ceiling,
        refuse_if_short: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._tokens = tokens
        self._refuse_if_short = refuse_if_short
        self._ceiling = ceiling
        others = [Limit(settings.choices_per_minute * OTHERS, MINUTE_MS)]
        self._junk, self._noes = AddressPace(others), AddressPace(others)
        self._receipts, self._checks = AddressPace(others), AddressPace(others)
        self._yeses = AddressPace(
            [
                Limit(settings.choices_per_minute, MINUTE_MS),
                Limit(settings.choices_per_hour, HOUR_MS),
                Limit(settings.choices_per_day, DAY_MS),
            ]
        )
        self._today = Senders(DAY_MS)
        self._leaving = _Leaving()

    def ask_for_receipt(self, address: str) -> None:
        """Count one who asks for a receipt; raises `TooFast` with the seconds to wait."""
        _refuse_if(self._receipts.wait_for(address, self._clock()))

    def ask_to_check(self, address: str) -> None:
        """Count one who has a receipt checked; raises `TooFast` with the seconds to wait."""
        _refuse_if(self._checks.wait_for(address, self._clock()))

    def admit(self, wish: Choice | Erase, site: Site, address: str) -> bool:
        """Count a choice of a site; False for a no that is to be answered and not tallied as one.

        Raises `TooFast`, `Refused` where a token to leave with is not this server's and this
        site's, and `Unavailable` where the disk has too little room for the record of a yes.
        """
        if isinstance(wish, Accept):
            self._admit_yes(site.id, address)
        elif isinstance(wish, Refuse):
            return not self._noes.wait_for(address, self._clock())
        else:
            consent_id = claims_for(self._tokens, site, wish.token).consent_id
            _refuse_if(self._leaving.wait_for(consent_id, self._clock()))
        return True

    def _admit_yes(self, site_id: int, address: str) -> None:
        self._refuse_if_short()
        now = self._clock()
        _refuse_if(self._yeses.wait_for(address, now))
        today = self._today.of(address, now)
        _refuse_if(self._ceiling.wait_for(site_id, 1, now, few=today.fits(FEW)))
        today.add()

    def answer_to(self, error: AskfirstError, address: str) -> AskfirstError:
        """Count what is refused; return the error to answer, `TooFast` where there is much junk."""
        if not isinstance(error, _JUNK):
            return error
        wait = self._junk.wait_for(address, self._clock())
        return _too_fast(wait) if wait else error


class _Leaving:
    """How often each consent was to be withdrawn or erased in the running minute."""

    def __init__(self) -> None:
        self._minute = -1
        self._times: dict[str, int] = {}

    def wait_for(self, consent_id: str, now: int) -> int:
        """Count one and return 0, or return the seconds to wait and count nothing."""
        if now // MINUTE_MS != self._minute:
            self._minute = now // MINUTE_MS
            self._times.clear()
        times = self._times.get(consent_id, 0)
        if times >= OF_A_CONSENT:
            return (MINUTE_MS - now % MINUTE_MS + 999) // 1000
        if times or len(self._times) < MOST_CONSENTS:
            self._times[consent_id] = times + 1
        return 0


def _refuse_if(wait: int) -> None:
    if wait:
        raise _too_fast(wait)


def _too_fast(wait: int) -> TooFast:
    return TooFast(REASON_SENTENCES[Reason.TOO_FAST], retry_after=wait)
