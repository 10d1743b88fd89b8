"""Which pages have a text in their paths, and which key has a path?"""

from typing import Any

from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.events import VIEW, events_of
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import ranked, texts_of


def pages_with(scope: Scope, part: Text, limit: int) -> Any:
    """Return name and amount (views) of the most viewed pages with `part`, a text in lower case."""
    texts = texts_of("path")
    fitting = texts.filter(texts.text.lower().contains(part))
    views = events_of(scope)
    views = views.filter(views.kind == VIEW)
    views = views.semi_join(fitting, views.path == fitting.id)
    counted = views.group_by(value=views.path).agg(amount=views.count())
    return ranked(counted, "amount", "path", limit)


def key_of_page(path: Text) -> Any:
    """Return the key of a path as `id`; no row where no event has it. That of '' is 0."""
    texts = texts_of("path")
    return texts.filter(texts.text == path).select("id")
