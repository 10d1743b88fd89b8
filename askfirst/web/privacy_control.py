"""Global Privacy Control: what a browser says by the header `Sec-GPC`."""

from starlette.datastructures import Headers


def global_privacy_control(headers: Headers) -> bool:
    """Read `Sec-GPC`, which says yes by `1` alone; several lines count as one line with commas."""
    lines = headers.getlist("sec-gpc")
    return any(part.strip() == "1" for line in lines for part in line.split(","))
