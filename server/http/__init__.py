"""HTTP: connections and their limits, framing, proxies, headers, and the serving by uvicorn."""
