"""Which events a question is about: one site, one stretch of time, perhaps some visits of it."""

from askfirst.store.warehouse.logical.scope import (
    NOT_SUMMARISED,
    Scope,
    Summarised,
    matched,
    raw,
    scope_between,
)

__all__ = ["NOT_SUMMARISED", "Scope", "Summarised", "matched", "raw", "scope_between"]
