"""Rounds of mail in tasks of their own: a mail server that stalls delays nothing else.

Mail to visitors is looked for every other second, for somebody waits for the link in it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from askfirst.settings import Settings
from askfirst.smtp_url import smtp_server
from askfirst.web.urls import split_address
from reports.dependencies import Dependencies

if TYPE_CHECKING:
    from consent.dependencies import Dependencies as ConsentDependencies

log = structlog.get_logger()

ROUND_S = 15.0
"""Seconds between two rounds."""
VISITORS_S = 2.0
"""Seconds between two rounds of mail to visitors."""


@asynccontextmanager
async def running_mail(deps: Dependencies) -> AsyncIterator[None]:
    """Send mail to staff until the block ends, where the settings name a mail server."""
    async with _running(_to_staff(deps), deps.settings):
        yield


@asynccontextmanager
async def running_visitor_mail(deps: "ConsentDependencies") -> AsyncIterator[None]:
    """Send mail to visitors until the block ends, where the settings name a mail server."""
    async with _running(_to_visitors(deps), deps.settings):
        yield


@asynccontextmanager
async def _running(rounds: Coroutine[None, None, None], settings: Settings) -> AsyncIterator[None]:
    if not settings.smtp_url:
        rounds.close()
        yield
        return
    task = asyncio.create_task(rounds)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _to_staff(deps: Dependencies) -> None:
    from server.mail.posting import Posting  # noqa: PLC0415 - only where mail is sent

    posting = Posting(deps)
    if problem := await mail_problem(deps.settings):
        log.warning("mail_server_unusable", why=problem)
    await _again_and_again(posting.round, ROUND_S)


async def _to_visitors(deps: "ConsentDependencies") -> None:
    from server.mail.visitor_posting import VisitorPosting  # noqa: PLC0415 - only where it is sent

    await _again_and_again(VisitorPosting(deps).round, VISITORS_S)


async def _again_and_again(one_round: Callable[[], Awaitable[None]], seconds: float) -> None:
    failing = False
    while True:
        await asyncio.sleep(seconds)  # at first as well: a start is to be quick
        try:
            await one_round()
            failing = False
        except Exception as error:  # noqa: BLE001 - mail must not end; it is said once
            if not failing:
                log.warning("mail_failed", why=type(error).__name__)
            failing = True


async def mail_problem(settings: Settings) -> str:
    """Return why the mail server of the settings cannot be used, or ''."""
    from server.mail.smtp import MailProblem, SmtpSession  # noqa: PLC0415 - only where mail is sent

    server = smtp_server(settings.smtp_url, settings.smtp_tls)
    name = split_address(settings.public_url).hostname or "localhost"
    try:
        session = await SmtpSession.open(server, name)
    except MailProblem as problem:
        return problem.words
    await session.close()
    return ""
