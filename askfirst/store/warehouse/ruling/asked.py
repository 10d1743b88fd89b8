"""What is asked of a site's events: by which rules, and which visitors are left out."""

from dataclasses import dataclass

from askfirst.rules.report_rules import ReportRules


@dataclass(frozen=True)
class Asked:
    """What is asked of a site's events: by which rules, and which visitors are left out."""

    site: int
    rules: ReportRules
    visitors: frozenset[str] = frozenset()
    restricted: frozenset[str] = frozenset()
    """Visitors who have restricted the use of their data, whatever the rules say."""

    @property
    def shape(self) -> tuple[bool, bool]:
        """Whether addresses and visitors have to be looked at."""
        return bool(self.rules.exclude_addresses), bool(self.visitors or self.restricted)

    @property
    def sides(self) -> dict[str, int]:
        """The numbers under which the site is stored, as parameters."""
        return {"site": self.site, "other": -self.site}
