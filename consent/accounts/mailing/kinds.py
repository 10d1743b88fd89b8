"""The kinds of mails to visitors, and how long the link in each works."""

from askfirst.clock import DAY_MS

POLICY = "policy"
LINK_MS = 30 * 60_000
"""How long (ms) a link works that signs in or changes something."""
CONFIRM_MS = DAY_MS
"""How long (ms) the link works that confirms a new account."""
KINDS = (
    "confirm",
    "sign_in",
    "password",
    "known",
    "old_email",
    "new_email",
    "changed",
    "ended",
    "closed",
    POLICY,
)
ONE_TIME = frozenset({"confirm", "sign_in", "password", "old_email", "new_email"})
"""Mails whose link opens a button that works once; that of any other is the account's page."""
NOT_YOU = frozenset({"confirm", "sign_in", "password", "known", "new_email"})
"""Mails that tell what to do where somebody else has asked for them: nothing."""
