"""The words of the visitor's own page, a file a language, as the banner has them."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_FALLBACK = "en"


@cache
def words_in(tag: str) -> Mapping[str, str]:
    """Return the words in the language of a BCP 47 tag, with placeholders; else in English."""
    return MappingProxyType(_file(_FALLBACK) | _file(tag))


def _file(tag: str) -> dict[str, str]:
    path = files(__name__) / f"{tag}.json"
    texts: dict[str, str] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return texts


def filled(texts: Mapping[str, str], **facts: str) -> dict[str, str]:
    """Return words with some placeholders replaced; others stay for later."""

    def fill(text: str) -> str:
        for name, fact in facts.items():
            text = text.replace(f"{{{name}}}", fact)
        return text

    return {key: fill(text) for key, text in texts.items()}
