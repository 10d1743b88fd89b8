"""The body of a request, of bounded length."""

from starlette.requests import ClientDisconnect, Request

from askfirst.errors import Malformed, TooLarge


async def read_body(request: Request, most: int) -> bytes:
    """Return a request's body.

    Raises `TooLarge` above `most` bytes, before reading where the length is declared, and
    `Malformed` where the body ends too early.
    """
    too_large = TooLarge(f"Expected at most {most} bytes.")
    declared = request.headers.get("content-length")
    if declared and declared.isdecimal() and int(declared[:20]) > most:
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise too_large
    except ClientDisconnect as error:
        raise Malformed("The body ended too early.") from error
    return bytes(body)
