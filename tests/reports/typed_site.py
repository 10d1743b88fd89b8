"""What an owner types to set up a server and to add a site, and the code of the link."""

from tests.reports.garden import PASSWORD

SETUP = {
    "email": " Owner@Example.org ",
    "password": PASSWORD,
    "name": "Garden",
    "hosts": "https://Example.org/shop\n*.example.org, localhost:8001",
    "time_zone": "Europe/Berlin",
    "controller": "Ada",
    "contact": "ada@example.org",
    "privacy_url": "",
}
THIRD = SETUP | {"name": "Third & Co", "hosts": "third.example"}


def code_of(link: str | None) -> str:
    """Return the one-time code of a link to the first start."""
    path, _, code = (link or "").partition("#code=")
    assert path == "/setup"
    return code
