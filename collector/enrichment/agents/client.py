"""What a user agent says: the result of reading one."""

import msgspec

NO_BROWSER = "agent:no browser"
"""The rule of what is nameless."""


class Client(msgspec.Struct, frozen=True):
    """What a user agent says; unknown is ''."""

    browser: str = ""
    """The family, one name for each browser: Chrome is Chrome on a phone and in a web view, too."""
    browser_variant: str = ""
    """'' | `mobile` | `webview` | `headless` | `lite` | the name of the app it is part of."""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""
    """`desktop`, `phone`, `tablet`, `television`, `console`, `watch`, `car`, `reader`, or ''."""
    rule: str = ""
    """The rule by which it looks like a bot, `agent:NAME` (see `bots.py`), or ''."""
    declared: bool = False
    """Whether it is a crawler by its own account, with an address: none that could say yes."""

    nameless: bool = False
    """Whether it says nothing that a browser says (see `nameless.py`)."""

    @property
    def sender_rule(self) -> str:
        """The rule by which it looks like a program where it sends an event, or ''.

        What shows a page names itself; an app that only fetches files is not taken for a bot.
        """
        return self.rule or (NO_BROWSER if self.nameless else "")

    @property
    def bot(self) -> bool:
        """Whether it looks like a bot."""
        return bool(self.rule)
