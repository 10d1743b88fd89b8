"""Scroll depth: which share of views reached a quarter, a half, three quarters, the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.questions.cards.scroll import DEPTHS


@dataclass(frozen=True)
class Depth:
    """A depth in per cent, and the share of views that reached it."""

    per_cent: int
    share: float
    part: float
    """The length of its bar, in per cent."""


@dataclass(frozen=True)
class ScrollDepth:
    """How far `views` views were seen; `mean` is a share of the page, None without any."""

    views: int
    mean: float | None
    depths: tuple[Depth, ...]


def depths_of(row: Mapping[Any, int]) -> ScrollDepth:
    """Read a row of the questions about scrolling.

    Where a view was noted at the edge of the period, its later notes are in it and its first is
    not: shares end at 1.
    """
    views = row["views"]
    if not views:
        return ScrollDepth(0, None, ())
    shares = {depth: min(row[f"reached_{depth}"] / views, 1.0) for depth in DEPTHS}
    return ScrollDepth(
        views=views,
        mean=min(row["depth"] / views / 100, 1.0),
        depths=tuple(Depth(n, share, round(100 * share, 1)) for n, share in shares.items()),
    )
