"""Limits the choices of an address and of a site; an address is remembered for a day at most.

Nobody's flood keeps somebody else from leaving: withdrawals and erasures with a token that this
server signed are counted by that consent alone, and a no is always answered. Junk, and requests for
a receipt or to check one, are counted separately.
"""

from collections.abc import Callable

from askfirst.clock import DAY_MS, Clock
from askfirst.consents import REASON_SENTENCES, Reason, Tokens
from askfirst.errors import AskfirstError, Malformed, Refused, TooFast, TooLarge
from askfirst.rate_limits import (
    HOUR_MS,
    MINUTE_MS,
    NO_LIMIT,
    AddressRateLimiter,
    DailyCeiling,
    Limit,
    RateLimiter,
    wait_for_all,
)
from askfirst.settings import Settings
from askfirst.sites import Site
from consent.http.token_claims import claims_for
from consent.http.wire import Accept, Choice, Erase, Refuse

OTHERS = 10
"""Times as many requests of each other kind as yeses may come from one address in a minute."""
FEW = 5
"""Yeses of one address in a day that are accepted even when a site has reached half its ceiling."""
CODES = 10
"""Receipt codes that may be typed from one address in a minute; one in 2^100 is right."""
OF_A_CONSENT = 20
"""Withdrawals and erasures a minute with the token of one consent, whatever their address."""
OPENINGS = 30
"""Openings a minute of one person's own page, by whichever token; leaving is not counted there."""
MOST_CONSENTS = 100_000
"""Consents that are counted in one minute; those beyond may leave without a limit."""
_JUNK = (Malformed, Refused, TooLarge)


class ChoiceRateLimiter:
    """Counts choices by address, consent and site; call `admit` before carrying one out."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        tokens: Tokens,
        ceiling: DailyCeiling,
        refuse_if_short: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._tokens = tokens
        self._refuse_if_short = refuse_if_short
        self._ceiling = ceiling
        others = Limit(settings.choices_per_minute * OTHERS, MINUTE_MS)
        self._junk, self._noes = AddressRateLimiter(others), AddressRateLimiter(others)
        self._receipts, self._checks = AddressRateLimiter(others), AddressRateLimiter(others)
        self._codes = AddressRateLimiter(Limit(CODES, MINUTE_MS))
        self._yeses = (
            AddressRateLimiter(Limit(settings.choices_per_minute, MINUTE_MS)),
            AddressRateLimiter(Limit(settings.choices_per_hour, HOUR_MS)),
            AddressRateLimiter(Limit(settings.choices_per_day, DAY_MS)),
        )
        self._few_yeses = AddressRateLimiter(Limit(FEW, DAY_MS))
        self._openings = RateLimiter(Limit(OPENINGS, MINUTE_MS))
        self._leaving = RateLimiter(Limit(OF_A_CONSENT, MINUTE_MS), MOST_CONSENTS, rest=NO_LIMIT)

    def ask_for_receipt(self, address: str) -> None:
        """Count a request for a receipt; raises `TooFast` with the seconds to wait."""
        _refuse_if(self._receipts.wait_for(address, self._clock()))

    def try_code(self, address: str) -> None:
        """Count a typed receipt code; raises `TooFast` with the seconds to wait."""
        _refuse_if(self._codes.wait_for(address, self._clock()))

    def open(self, person: str) -> None:
        """Count an opening of a person's own page; raises `TooFast` with the seconds to wait."""
        _refuse_if(self._openings.wait_for(person, self._clock()))

    def ask_to_check(self, address: str) -> None:
        """Count a request to check a receipt; raises `TooFast` with the seconds to wait."""
        _refuse_if(self._checks.wait_for(address, self._clock()))

    def admit(self, choice: Choice | Erase, site: Site, address: str) -> bool:
        """Count a choice; return False for a no that is answered but not tallied as a no.

        Raises `TooFast`, `Refused` where the token of a withdrawal or an erasure was not signed by
        this server for this site, and `Unavailable` where the disk has too little room for the
        record of a yes.
        """
        if isinstance(choice, Accept):
            self._admit_yes(site.id, address)
        elif isinstance(choice, Refuse):
            return not self._noes.wait_for(address, self._clock())
        else:
            self.act(claims_for(self._tokens, site, choice.token).consent_id)
        return True

    def act(self, consent_id: str) -> None:
        """Count what the holder of a yes asks for; raises `TooFast` with the seconds to wait."""
        _refuse_if(self._leaving.wait_for(consent_id, self._clock()))

    def _admit_yes(self, site_id: int, address: str) -> None:
        self._refuse_if_short()
        now = self._clock()
        _refuse_if(wait_for_all(self._yeses, address, now))
        today = self._few_yeses.usage_of(address, now)
        _refuse_if(self._ceiling.wait_for(site_id, 1, now, few=today.fits()))
        today.add()

    def answer_to(self, error: AskfirstError, address: str) -> AskfirstError:
        """Count a refused request; return the error to answer, `TooFast` for too much junk."""
        if not isinstance(error, _JUNK):
            return error
        wait = self._junk.wait_for(address, self._clock())
        return _too_fast(wait) if wait else error


def _refuse_if(wait: int) -> None:
    if wait:
        raise _too_fast(wait)


def _too_fast(wait: int) -> TooFast:
    return TooFast(REASON_SENTENCES[Reason.TOO_FAST], retry_after=wait)
