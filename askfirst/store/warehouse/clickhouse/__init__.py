"""The engine ClickHouse: a server or a cluster, over HTTP."""
