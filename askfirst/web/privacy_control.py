"""Global Privacy Control: the browser's header `Sec-GPC`."""

from starlette.datastructures import Headers


def global_privacy_control(headers: Headers) -> bool:
    """Return whether `Sec-GPC` is `1`, its only value; several lines count as one with commas."""
    lines = headers.getlist("sec-gpc")
    return any(part.strip() == "1" for line in lines for part in line.split(","))
