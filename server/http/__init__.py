"""HTTP: connections and their limits, framing, reverse proxies, headers, serving by uvicorn."""
