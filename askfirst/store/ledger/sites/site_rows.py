"""Sites as their rows and their newest policies describe them."""

from typing import Any

import msgspec

from askfirst.columns import COLUMNS, PURPOSE
from askfirst.recording_rules import RecordingRules
from askfirst.rules.report_rules import ReportRules
from askfirst.sites import Site
from askfirst.store.ledger.sites.policies import Policy


def site_of(row: Any, policy: Policy, min_version: int) -> Site:
    """Return the site of a row, with what its newest policy says."""
    return Site(
        id=row["id"],
        key=row["key"],
        name=row["name"],
        hosts=tuple(row["hosts"]),
        time_zone=row["time_zone"],
        ip_mode=policy.content.get("ip_mode", row["ip_mode"]),
        policy_version=policy.version,
        min_policy_version=min_version,
        column_purposes=_column_purposes(policy),
        rules=rules_of(row["rules"]),
        report_rules=msgspec.convert(row["report_rules"] or {}, ReportRules),
        rules_changed_at=row["rules_changed_at"] or 0,
    )


def rules_of(stored: Any) -> RecordingRules:
    """Return the rules that a site's row holds, or none."""
    return msgspec.convert(stored or {}, RecordingRules)


def _column_purposes(policy: Policy) -> dict[str, str]:
    """Return the purpose of each column that does not belong to the visit statistics.

    A column that the policy does not tell of, since the policy is older, belongs to the purpose '',
    which nobody can accept (law 3).
    """
    purposes = policy.content.get("purposes", ())
    told = {column: one["id"] for one in purposes for column in one["columns"]}
    untold = {one.name: "" for one in COLUMNS if not one.is_fixed} if purposes else {}
    return {column: name for column, name in (untold | told).items() if name != PURPOSE}
