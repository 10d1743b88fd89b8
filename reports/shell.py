"""The frame of every page of staff, and the page that says one sentence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shell:
    """What the frame of every page shows; `email` is empty while nobody is signed in.

    `tab` is the tab in which the page lies, and `within` says that it is not the tab's own page.
    """

    title: str
    email: str = ""
    csrf: str = ""
    site_key: str = ""
    site_name: str = ""
    tab: str = ""
    within: bool = False


@dataclass(frozen=True)
class NoticePage:
    """`notice.html`: one sentence and where to go from here."""

    shell: Shell
    text: str
    link: str
    link_text: str
