"""Rounds of mail in a task of their own: a mail server that stalls delays nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from askfirst.settings import Settings
from askfirst.smtp_url import smtp_server
from askfirst.web.urls import split_address
from reports.dependencies import Dependencies

log = structlog.get_logger()

ROUND_S = 15.0
"""Seconds between two rounds."""


@asynccontextmanager
async def running_mail(deps: Dependencies) -> AsyncIterator[None]:
    """Send mail until the block ends, where the settings name a mail server."""
    if not deps.settings.smtp_url:
        yield
        return
    task = asyncio.create_task(_again_and_again(deps))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _again_and_again(deps: Dependencies) -> None:
    from server.mail.posting import Posting  # noqa: PLC0415 - only where mail is sent

    posting, failing = Posting(deps), False
    if problem := await mail_problem(deps.settings):
        log.warning("mail_server_unusable", why=problem)
    begun = False
    while True:
        await asyncio.sleep(ROUND_S)  # at first as well: a start is to be quick
        try:
            if not begun:
                await posting.begin()
                begun = True
            await posting.round()
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
