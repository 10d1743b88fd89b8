"""The frame of every page of staff."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shell:
    """What `base.html` shows around a page: its title, and where it lies."""

    title: str
    """The title of the window."""
    email: str = ""
    """Who is signed in, '' for nobody."""
    csrf: str = ""
    """The secret of the session, which every form carries."""
    site_key: str = ""
    """The key of the site that the page is about, or ''."""
    site_name: str = ""
    """The name of that site, or ''."""
    tab: str = ""
    """The tab in which the page lies, such as `overview`, or ''."""
    chosen: str = ""
    """The query that other sites' pages of this tab take over, such as `?period=7d`, or ''."""
    reports: str = ""
    """The query that other reports of the site take over: period, comparison and filters, or ''."""
    within: bool = False
    """Whether the page lies below the tab's own page."""
