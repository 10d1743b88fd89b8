"""Reverse proxies: what trusted ones say of a request, and a watch for those not trusted."""
