"""The lists that no summary counts: titles, sections, campaigns, versions, actions and others."""

from dataclasses import dataclass

from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.fulfilled import Test
from reports.questions.figures_by.columns import By, Measure


@dataclass(frozen=True)
class ReadList:
    """One such list: its name in the address, title, heading of names, and column."""

    key: str
    title: str
    heading: str
    by: By
    lead: Measure = "visitors"
    views: str = "Views"
    kind: str = "attribute"
    tab: str = ""


def _profile(column: str) -> By:
    return By(column, "profile", reading_tells=True)


def _links(kind: str) -> By:
    test = Test("link_kind", "is", (Text(kind),), holds_of_nothing=False)
    return By("link_url", kind="link_click", where=(test,))


def _section(parts: str) -> By:
    return By("path", section="2" if parts == "2" else "1", reading_tells=True)


def _campaign(key: str, title: str, column: str, heading: str) -> ReadList:
    by = By(column, marks_visits=True)
    return ReadList(key, title, heading, by, "visits", kind="campaign", tab="Campaigns")


READ: tuple[ReadList, ...] = (
    ReadList("titles", "Titles", "Title", By("title"), "views", kind="title"),
    ReadList("hosts", "Hosts", "Host", By("host", reading_tells=True), "views"),
    ReadList("sections", "Sections", "Section", _section("1"), "views", kind="path"),
    ReadList("sections-of-two", "Sections of two parts", "Section", _section("2"), "views"),
    _campaign("campaigns", "Campaigns", "utm_campaign", "Campaign"),
    _campaign("campaign-sources", "Campaign sources", "utm_source", "Source"),
    _campaign("campaign-media", "Campaign media", "utm_medium", "Medium"),
    _campaign("campaign-terms", "Campaign terms", "utm_term", "Term"),
    _campaign("campaign-contents", "Campaign contents", "utm_content", "Content"),
    ReadList("regions", "Regions", "Region", _profile("region")),
    ReadList("cities", "Cities", "City", _profile("city")),
    ReadList("browser-versions", "Browser versions", "Version", _profile("browser_version")),
    ReadList("system-versions", "System versions", "Version", _profile("os_version")),
    ReadList("screens", "Screens", "Screen", _profile("screen")),
    ReadList(
        "outbound", "Outbound links", "Link", _links("outbound"), "views", "Clicks", "link",
        "Outbound",
    ),
    ReadList(
        "internal", "Internal links", "Link", _links("internal"), "views", "Clicks", "internal",
        "Internal",
    ),
    ReadList("downloads", "Downloads", "File", _links("download"), "views", "Clicks", "link"),
    ReadList(
        "events", "Events", "Event", By("event_name", kind="custom_event"), "views", "Times"
    ),
    ReadList("forms", "Forms", "Form", By("form", kind="form_submit"), "views", "Times"),
    ReadList(
        "not-found", "Pages not found", "Page", By("path", not_found=True), "views", kind="path"
    ),
)  # fmt: skip
"""The lists in the order of the cards."""

CHOICES: tuple[dict[str, str], ...] = (
    {
        "campaigns": "Campaign",
        "campaign-sources": "Source",
        "campaign-media": "Medium",
        "campaign-terms": "Term",
        "campaign-contents": "Content",
    },
    {"sections": "One part", "sections-of-two": "Two parts"},
    {"browsers": "Browsers", "browser-versions": "Versions"},
    {"operating-systems": "Systems", "system-versions": "Versions"},
)
"""Whole lists of which the page of each leads to the others, with what the links say."""

DRILLS = {"browsers": "browser-versions", "operating-systems": "system-versions"}
"""Lists of which a row of the whole list leads to another list of what it filters by."""
