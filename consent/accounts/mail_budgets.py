"""How many mails an address may be sent because somebody asked: strangers use up no owner's."""

from askfirst.clock import Clock
from askfirst.rate_limits import Limit, RateLimiter
from consent.accounts.mailing.kinds import LINK_MS

OF_A_NETWORK = 3
"""Mails to one mailbox that one network may ask for, of all kinds together."""
OF_A_MAILBOX = 6
"""Mails of one kind to one mailbox that all networks may ask for."""
OF_THE_OWNER = 3
"""Mails that each browser of an account may ask for beside these, and whoever is signed in."""


class MailBudgets:
    """Counts what has mail sent, for as long as a link works (`LINK_MS`).

    Where strangers have used up the budget of a mailbox, it holds links of that kind which work.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._networks = RateLimiter(Limit(OF_A_NETWORK, LINK_MS))
        self._mailboxes = RateLimiter(Limit(OF_A_MAILBOX, LINK_MS))
        self._owners = RateLimiter(Limit(OF_THE_OWNER, LINK_MS))

    def of_stranger(self, mailbox: str, network: str, *kinds: str) -> str:
        """Count a mail that somebody asks for from a network, of the first kind that has room.

        Return that kind; '' where it is one too many.
        """
        if self._networks.wait_for(f"{mailbox}:{network}", self._clock()):
            return ""
        return next((one for one in kinds if self.of_mailbox(mailbox, one)), "")

    def of_mailbox(self, mailbox: str, what: str) -> bool:
        """Count a mail of a kind to a mailbox; False where it is one too many."""
        return not self._mailboxes.wait_for(f"{mailbox}:{what}", self._clock())

    def of_owner(self, account_id: str, how: str = "") -> bool:
        """Count a mail that a browser of an account asks for, or its session; False as above."""
        return not self._owners.wait_for(f"{account_id}:{how}", self._clock())
