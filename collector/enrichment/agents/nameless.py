"""Whether a user agent says nothing that a browser says: no browser, engine, system or device.

A page with its tag is shown by a browser, or by an app that shows pages in the system's. Both name
more than themselves. A program of a library (`reqwest/0.12`) and a text that says nothing (`-`) do
not. So what is nameless sends no event of a person; an app that only fetches files may well be.
"""

from collector.enrichment.agents.browsers import is_browser
from collector.enrichment.agents.rules import finder

_says_browser = finder(
    r"(?i)browser|webkit|gecko|khtml|trident|presto|msie|netfront|teleca|goanna|libwww-fm"
    r"|mosaic|lynx|links|w3m|dillo|netsurf|edbrowse|retawq|netrik|arachne|hotjava|uzbl|surf/"
    r"|charon|origyn|voyager|aweb|escape|planetweb|amaya|galeon|icab|omniweb|netpositive"
    r"|midori|kazehakase|cyberdog|contiki|emacs|netscape|mozilla/[1-4][.\d]* ?\["
    r"|u;|midp|wap|mmp/|ucweb|symb|brew|opera|polaris|obigo|dolfin|phone|profile/|screen"
)
"""A browser, an engine, or a phone from before there were systems with names."""


def is_nameless(text: str, browser: str, system: str, device: str) -> bool:
    """Return whether a user agent, of which this was read, says nothing that a browser says."""
    return not (system or device or is_browser(browser) or _says_browser(text))
