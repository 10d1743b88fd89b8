"""Text that is data, made fit for the header or a line of a mail, and lines in columns."""

from collections.abc import Sequence

LONGEST = 90


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text without line breaks and control characters, cut where it is too long."""
    plain = "".join(one if one.isprintable() else " " for one in text)
    words = " ".join(plain.split())
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines whose first column stands to the left and the others to the right."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
