"""Lets the warehouse give memory back while nobody looks at reports."""

import asyncio

from server.services import Services


async def release_memory(services: Services) -> None:
    """Drop what the warehouse keeps in memory for pages, if none has asked since the last run."""
    await asyncio.to_thread(services.warehouse.release_memory)
