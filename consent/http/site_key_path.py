"""The site's key in a path whose beginning staff's pages have too: 16 hexadecimal digits."""

from starlette.convertors import Convertor, register_url_convertor


class SiteKeyConvertor(Convertor[str]):
    """Lets a route take no other text than a key, so that `/account/log` stays with the staff."""

    regex = "[0-9a-f]{16}"

    def convert(self, value: str) -> str:
        """Return the key as it stands in the path."""
        return value

    def to_string(self, value: str) -> str:
        """Return the key as it stands in a path."""
        return value


SITE_KEY = "site_key"
register_url_convertor(SITE_KEY, SiteKeyConvertor())
