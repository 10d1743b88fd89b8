"""The process's limit of file descriptors, and how many connections it leaves room for."""

import resource
from functools import cache

MOST_CONNECTIONS = 10_000
"""About 100 MB of idle connections; a reverse proxy needs some hundreds."""
OWN_DESCRIPTORS = 128
"""Descriptors kept for the files of the stores, their logs and temporary copies."""
_USEFUL_LIMIT = 16_384  # a soft limit of 1,024 is common, and made for programs that select()


def raise_descriptor_limit() -> None:
    """Raise the soft limit of descriptors as far as useful; call it once, before serving."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _USEFUL_LIMIT if hard == resource.RLIM_INFINITY else min(_USEFUL_LIMIT, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@cache
def room_for_connections() -> int:
    """Return how many connections may be open, so that descriptors are left for our own files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(1, min(MOST_CONNECTIONS, soft - OWN_DESCRIPTORS))
