"""The HTTP connections of urllib3, whose requests end with the time of the thread that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from clickhouse_connect.driver.httputil import check_env_proxy, get_pool_manager
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TimedOut

if TYPE_CHECKING:
    from askfirst.store.warehouse.clickhouse.address import Address
    from askfirst.store.warehouse.clickhouse.connections import Connections


def pool_manager(address: Address, connections: Connections) -> PoolManager:
    """Return what opens connections to an address, and notes them."""
    scheme = "https" if address.secure else "http"
    options: dict[str, Any] = {
        f"{scheme}_proxy": check_env_proxy(scheme, address.host, address.port)
    }
    if address.secure:
        options |= {"verify": address.verify, "ca_cert": address.ca_cert or None}
    manager = cast(PoolManager, get_pool_manager(**options))
    manager.pool_classes_by_scheme = {
        "http": _noting(HTTPConnectionPool, connections),
        "https": _noting(HTTPSConnectionPool, connections),
    }
    return manager


def _noting(base: type[HTTPConnectionPool], connections: Connections) -> type[HTTPConnectionPool]:
    """Return a class of pools that note their connections, and wait as long as a thread may."""
    kind: Any = base.ConnectionCls

    def connect(self: Any) -> None:
        kind.connect(self)
        connections.note(self)

    def urlopen(self: Any, *arguments: Any, timeout: Timeout, **options: Any) -> Any:
        options["timeout"] = _bounded(timeout, connections)
        return base.urlopen(self, *arguments, **options)

    connection = type("Connection", (kind,), {"connect": connect})
    return type("Pool", (base,), {"ConnectionCls": connection, "urlopen": urlopen})


def _bounded(timeout: Timeout, connections: Connections) -> Timeout:
    """Return the time of a request, which is no longer than its thread may wait."""
    if connections.has_ended:
        raise HTTPError("The connections were closed.")
    left = connections.seconds_left()
    if left is None:
        return timeout
    if not left:
        raise TimedOut("The request timed out before it was sent.")
    return Timeout(total=left, connect=timeout.connect_timeout, read=timeout.read_timeout)
