"""Taking everything along: a small file is the answer, a large one is made beside the requests."""

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.web.ip_addresses import address_of, shortened_address
from consent.dependencies import Dependencies
from consent.my_data.acts import Done
from consent.my_data.page_words import page_words
from consent.my_data.person import Person
from consent.my_data.taking.file import MyFile
from consent.rights.erasure_requests import is_under_way
from consent.rights.own_files import Make, OwnFile, Packed

MOST_AT_ONCE = 5000
"""Events of a person whose file is made while the request waits; it takes about a second."""
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""The headers of pages and files that only one person may read."""
_ERASING = Done("take_erasing", status=409, headers={"Retry-After": "60"})
_BUSY = Done("take_busy", status=503, headers={"Retry-After": "120"})


class Taking:
    """Answers who presses the button that takes everything."""

    def __init__(self, deps: Dependencies, file: MyFile) -> None:
        self._deps = deps
        self._file = file
        self._files = deps.own_files

    async def take(self, request: Request, person: Person) -> Done:
        """Return the file, or the way to the page that tells how far it is, or why neither."""
        if await self._is_being_erased(person):
            return _ERASING
        words = await page_words(self._deps, request, person.site)
        make = partial(self._file.packed, person, words)
        if await self._deps.number_of_events(person.site.id, person.ids) <= MOST_AT_ONCE:
            return await self._at_once(person, make)
        return self._beside(request, person, words.tag, make)

    async def _is_being_erased(self, person: Person) -> bool:
        async with self._deps.ledger.read() as connection:
            return await is_under_way(connection, person.site.id, person.ids)

    async def _at_once(self, person: Person, make: Make) -> Done:
        """Wait for the file; where rows of it were erased meanwhile, say that instead."""
        file = self._begun(person, make, is_small=True)
        if file is None:
            return _BUSY
        file.waiting += 1
        try:
            await file.over.wait()
            packed, error = file.packed, file.error
        finally:
            file.waiting -= 1
            if not file.waiting:  # whoever pressed twice waits for the same file
                self._files.drop(file)
        if error:
            raise error
        return Done(file=saved(packed)) if packed else _ERASING

    def _beside(self, request: Request, person: Person, tag: str, make: Make) -> Done:
        """Begin a file, unless one is made for the person already, or too many are made."""
        network = shortened_address(address_of(request)) or ""
        file = self._begun(person, make, is_small=False, network=network)
        if file is None:
            return _BUSY
        address = f"/my-data/{person.site.key}/files/{file.name}?lang={tag}"
        return Done(file=RedirectResponse(address, 303, PRIVATE))

    def _begun(
        self, person: Person, make: Make, *, is_small: bool, network: str = ""
    ) -> OwnFile | None:
        account = person.account.id if person.account else ""
        asked = (person.site.id, person.ids, make)
        return self._files.begin(*asked, account=account, is_small=is_small, network=network)


def saved(packed: Packed) -> Response:
    """Return a file as an answer that the browser saves."""
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{packed.name}"'}
    return Response(packed.body, media_type="application/zip", headers=headers)
