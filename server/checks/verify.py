"""`askfirst ledger verify` and `receipt verify`: what they check, and what they print."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError

from askfirst.clock import system_clock
from askfirst.errors import Misconfigured
from askfirst.store.ledger.database import Ledger
from consent.policy.languages import FALLBACK
from consent.proof.chain import Chain, length, walk
from consent.proof.cross_checks import disagreements
from consent.proof.records import FIRST_HASH
from consent.receipts.certificate import is_certificate, proof_of_erasure
from consent.receipts.data_integrity import is_signed_by
from consent.receipts.document import is_receipt
from consent.receipts.reading import read_receipt
from consent.receipts.site_keys import public_keys
from server.startup.data_folder import is_served
from server.startup.journal_recovery import damaged_logs, set_aside_cut_log


@dataclass(frozen=True)
class Verdict:
    """Whether everything is right, and the sentences to print."""

    right: bool
    sentences: tuple[str, ...]


def verify_ledger_at(path: Path, head: str | None, console: Console) -> Verdict:
    """Verify a ledger, and say where a damaged log of it was set aside."""
    logs = logs_that_were_cut(path)
    verdict = asyncio.run(verify_ledger(path, head, console))
    if not logs:
        return verdict
    return Verdict(False, (damaged_log_sentence(logs), *verdict.sentences))


def logs_that_were_cut(path: Path) -> list[str]:
    """Return the names of the damaged logs of a ledger that were set aside, now or before."""
    if not is_served(path.parent):
        set_aside_cut_log(path, system_clock())
    return damaged_logs(path)


def damaged_log_sentence(names: Sequence[str]) -> str:
    """Return a sentence on records that may be missing, with the log that held them."""
    aside = ", ".join(names)
    return f"The ledger's log was damaged and set aside as {aside}: records may be missing."


async def verify_ledger(path: Path, head: str | None, console: Console) -> Verdict:
    """Check a ledger's chain, words, policies and withdrawals; the server may be running.

    `head` is a hash that was printed earlier: without it, rows that were cut off at the end cannot
    be noticed. Raises `Misconfigured` where the file cannot be read.
    """
    ledger = await Ledger.open_to_read(path)
    try:
        async with ledger.read() as connection:
            hidden = not console.is_terminal
            with Progress(console=console, transient=True, disable=hidden) as progress:
                task = progress.add_task("Checking", total=await length(connection))
                chain = await walk(
                    connection,
                    head or FIRST_HASH,
                    lambda done: progress.update(task, completed=done),
                )
            beside = [] if chain.fault else await disagreements(connection)
    except SQLAlchemyError as error:  # no database, or a damaged one
        raise Misconfigured(f"The ledger {path} cannot be read.") from error
    finally:
        await ledger.close()
    return _judged(chain, beside)


def _judged(chain: Chain, beside: Sequence[str]) -> Verdict:
    if chain.fault:
        whole = f"The {chain.records} records before it are whole."
        return Verdict(False, (chain.fault.sentence, whole))
    facts = (f"Records: {chain.records}", f"Head: {chain.head}")
    if not chain.known:
        cut = "The chain does not hold the head that was asked for: records were cut off at its end"
        return Verdict(False, (f"{cut}, or the whole chain was written anew.", *facts))
    if beside:
        return Verdict(False, (*beside, *facts))
    return Verdict(True, ("The chain is whole.", *facts))


def verify_receipt(path: Path, key: str) -> Verdict:
    """Check a receipt's file with a key: a file of a JSON Web Key (Set), or its JSON itself.

    Raises `Misconfigured` where either cannot be read.
    """
    try:
        keys = public_keys(json.loads(key if key.lstrip().startswith("{") else _text(Path(key))))
    except ValueError as error:
        raise Misconfigured("The key is not a JSON Web Key Set with an Ed25519 key.") from error
    try:
        document = read_receipt(_text(path))
    except ValueError:
        return Verdict(False, ("This is not a receipt.",))
    if any(is_signed_by(document, one) for one in keys):
        if is_certificate(document):
            return Verdict(True, (proof_of_erasure(FALLBACK),))
        what = "receipt" if is_receipt(document) else "signed file, which is no receipt,"
        return Verdict(True, (f"The signature is right: the {what} has not been changed.",))
    wrong = "The signature is wrong: the receipt was changed, or another key signed it."
    return Verdict(False, (wrong,))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"The file {path} cannot be read.") from error
