"""In which language a page is asked for: by its address, else by the browser."""

from starlette.requests import Request

from askfirst.web.accept_language import preferred_languages

LONGEST_TAG = 35
"""A longer tag is cut: RFC 5646, 4.4.1, asks for as many characters at least."""


def language_from_query(request: Request) -> str:
    """Return the language tag of `?lang=`, which may be no language, or '' where there is none."""
    return request.query_params.get("lang", "")[:LONGEST_TAG]


def requested_language(request: Request) -> str:
    """Return the tag of `?lang=`, else the browser's first language, else ''."""
    if "lang" in request.query_params:
        return language_from_query(request)
    preferred = preferred_languages(request.headers.get("accept-language", ""))
    return next(iter(preferred), "")[:LONGEST_TAG]
