"""Fetching a file over HTTP: bounded in size and time, unpacked on the way to the disk."""

import base64
import http.client
import lzma
import urllib.request
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from http.client import HTTPMessage
from typing import IO, BinaryIO
from urllib.error import HTTPError
from urllib.parse import unquote

from askfirst.errors import Misconfigured
from askfirst.web.urls import split_address

_CHUNK = 1 << 16
_SILENCE = 30.0  # seconds
_MOST_MEMORY = 256 << 20  # of an xz file's dictionary
_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
_UNREACHABLE = "The file cannot be fetched from {host}: the server is not reached or breaks off."

Tell = Callable[[int, int | None], None]
"""Is told how many bytes have come, and of how many, if that is known."""


class _SameProtocol(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to anything else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        allowed = ("https",) if req.type == "https" else ("http", "https")
        if split_address(newurl).scheme.lower() not in allowed:
            raise HTTPError(req.full_url, code, "redirected to another protocol", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, file: BinaryIO, most: int, tell: Tell) -> None:
    """Write what a web address has into a file, unpacked where it is gzip or xz.

    A user and password in the address are sent to its host alone (RFC 7617). Raises `Misconfigured`
    with a sentence, which never has the address in it: nothing answers, the answer is no file, it
    breaks off, it is damaged, or it has more than `most` bytes before or after unpacking.
    """
    host = split_address(url).netloc.rpartition("@")[2]
    try:
        with closing(_opener().open(_request(url), timeout=_SILENCE)) as answer:
            for part in _unpacked(_chunks(answer, most, tell)):
                file.write(part)
                if file.tell() > most:
                    raise _too_large(most)
    except HTTPError as error:
        error.close()
        raise Misconfigured(f"{host} answered {error.code} instead of a file.") from error
    except (zlib.error, lzma.LZMAError) as error:
        raise Misconfigured(f"What {host} sent is damaged and cannot be unpacked.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Misconfigured(_UNREACHABLE.format(host=host)) from error


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https; the usual one also reads local files."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        _SameProtocol(),
    ):
        opener.add_handler(handler)
    return opener


def _request(url: str) -> urllib.request.Request:
    parts = split_address(url)
    user, _, host = parts.netloc.rpartition("@")
    plain = parts._replace(netloc=host, fragment="").geturl()
    request = urllib.request.Request(plain, headers={"User-Agent": "Askfirst"})  # noqa: S310
    if user:
        coded = base64.b64encode(unquote(user).encode()).decode("ascii")
        request.add_unredirected_header("Authorization", f"Basic {coded}")
    return request


def _chunks(answer: http.client.HTTPResponse, most: int, tell: Tell) -> Iterator[bytes]:
    total = answer.length
    if total is not None and total > most:
        raise _too_large(most)
    come = 0
    while chunk := answer.read(_CHUNK):
        come += len(chunk)
        if come > most:
            raise _too_large(most)
        yield chunk
        tell(come, total)
    if total is not None and come < total:
        raise http.client.IncompleteRead(b"")


def _too_large(most: int) -> Misconfigured:
    return Misconfigured(f"The file has more than {most >> 20} MB.")


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    if first.startswith(_GZIP):
        return _gunzipped(_with(first, chunks))
    return _unxz(_with(first, chunks)) if first.startswith(_XZ) else _with(first, chunks)


def _with(first: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks


def _gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(31)
    for chunk in chunks:
        rest = chunk
        while rest:
            yield unpacking.decompress(rest, _CHUNK)
            rest = unpacking.unconsumed_tail
            if unpacking.eof and unpacking.unused_data:  # a file of several
                rest, unpacking = unpacking.unused_data, zlib.decompressobj(31)
    yield unpacking.flush()
    if not unpacking.eof:
        raise zlib.error("It ends too early.")


def _unxz(chunks: Iterator[bytes]) -> Iterator[bytes]:
    unpacking = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)
    for chunk in chunks:
        yield unpacking.decompress(chunk, _CHUNK)
        while not unpacking.needs_input and not unpacking.eof:
            yield unpacking.decompress(b"", _CHUNK)
        if unpacking.eof:
            return
    raise lzma.LZMAError("It ends too early.")
