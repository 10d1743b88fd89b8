"""The threads for work that blocks: those of reports apart from those of everything else.

Python's event loop has one pool of threads. Reports that many people ask for at once would fill it,
and a visitor's erasure, file or sign-in would wait behind their questions.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_is_report: ContextVar[bool] = ContextVar("is_report", default=False)


class Threads(ThreadPoolExecutor):
    """A loop's default executor: what is begun within `for_reports` has threads of its own."""

    def __init__(self) -> None:
        super().__init__(thread_name_prefix="work")
        self._reports = ThreadPoolExecutor(thread_name_prefix="report")

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Begin work in a thread, of reports where this task is about one."""
        if _is_report.get():
            return self._reports.submit(fn, *args, **kwargs)
        return super().submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the threads of both kinds."""
        self._reports.shutdown(wait, cancel_futures=cancel_futures)
        super().shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def for_reports() -> Iterator[None]:
    """Let `asyncio.to_thread`, called within by this task, use the threads of reports."""
    token = _is_report.set(True)
    try:
        yield
    finally:
        _is_report.reset(token)
