"""Which events a question is about: one site, one stretch of time, perhaps some visits of it."""

from askfirst.store.warehouse.logical.scope import Scope, matched, raw, scope_between

__all__ = ["Scope", "matched", "raw", "scope_between"]
