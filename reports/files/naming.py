"""How a file of a report is named: by what it holds, its site and its days."""

from reports.url.report_view import ReportView


def named(name: str, view: ReportView, ending: str) -> dict[str, str]:
    """Return the header that names a file; a site's key and days are plain ASCII."""
    period = view.period
    file = f"{name}-{view.site.key}-{period.first}-{period.last}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{file}"'}
