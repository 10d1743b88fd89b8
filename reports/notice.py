"""The page that says one thing and where to go from here."""

from dataclasses import dataclass

from reports.shell import Shell


@dataclass(frozen=True)
class NoticePage:
    """`notice.html`: a short text and one link; pages show it instead of their own."""

    shell: Shell
    text: str
    """What has happened, or what is to be done."""
    link: str
    """The address to go on to."""
    link_text: str
    """The words of the link."""
