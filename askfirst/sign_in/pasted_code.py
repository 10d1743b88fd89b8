"""A one-time code as people paste it: alone, or within its link."""


def code_in(pasted: str) -> str:
    """Return the code in what was pasted, without blanks: all of it, or what follows `#code=`."""
    text = "".join(pasted.split())
    return text.rpartition("#code=")[2]
