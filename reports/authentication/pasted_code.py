"""A one-time code as people paste it: alone, or with the link that it stands in."""


def code_in(pasted: str) -> str:
    """Return the code of what was pasted: without blanks, and only what follows `#code=`."""
    text = "".join(pasted.split())
    return text.rpartition("#code=")[2]
