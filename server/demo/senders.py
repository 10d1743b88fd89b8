"""Who sends the demo's events: an address, a place and a browser, as the server sees a request."""

import random
from dataclasses import dataclass
from ipaddress import ip_network

from askfirst.sites import Site
from collector.enrichment.agents.hints import HEADERS
from collector.enrichment.places.places import Places
from collector.enrichment.places.records import Place
from collector.intake.bot_rules import hints_in
from collector.intake.entries import Shared, shared_facts
from collector.intake.gate import Arrival
from collector.intake.payload import WirePayload
from server.demo import crowd
from server.demo.browsers import BROWSERS, PROGRAMS, Browser, Program

_ADDRESSES = 400
_NO_ADDRESS = "192.0.2.1"


@dataclass(frozen=True)
class Sender:
    """A browser at work: what the server sees of its requests, and what it makes of them.

    `referrer` is from where a program says that it comes, '' for all others.
    """

    browser: Browser
    arrival: Arrival
    shared: Shared
    referrer: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of its requests that tell a browser from a program."""
        hints = zip(HEADERS, self.arrival.hint_headers or (), strict=False)
        ahead = {"sec-purpose": "prefetch"} if self.arrival.prefetch else {}
        return {"user-agent": self.arrival.user_agent, **dict(hints), **ahead}


class Senders:
    """Generates senders; `now` is when their events are taken to arrive."""

    def __init__(self, places: Places, site: Site, made_by: random.Random, now: int) -> None:
        self._places = places
        self._site = site
        self._random = made_by
        self._now = now
        self._addresses = self._some_addresses()

    def person(self) -> Sender:
        """Generate the browser of a person."""
        return self._sender(Program(BROWSERS.draw(self._random)), self._address())

    def program(self, program: Program) -> Sender:
        """Generate a program that visits the site as a browser does."""
        return self._sender(program, self._address(program.network))

    def left_out(self, programs: int, desk: int) -> list[Sender]:
        """Generate what the reports leave out: so many programs, and own people of the site."""
        found = [self.program(PROGRAMS.draw(self._random)) for _ in range(programs)]
        return found + [self._at_the_desk() for _ in range(desk)]

    def _at_the_desk(self) -> Sender:
        address = str(ip_network(crowd.DESK_NETWORK)[self._random.randrange(1, 200)])
        return self._sender(Program(BROWSERS.draw(self._random)), address)

    def _address(self, network: bool = False) -> str:
        if network and self._site.rules.networks:
            first = ip_network(self._site.rules.networks[0])
            return str(first[self._random.randrange(1, 200)])
        return self._random.choice(self._addresses)

    def _sender(self, what: Program, address: str) -> Sender:
        browser = what.browser
        arrival = Arrival(
            now=self._now,
            origin="",
            ip=address,
            user_agent=browser.user_agent,
            accept_language=crowd.LANGUAGES.draw(self._random),
            hint_headers=browser.hints,
            prefetch=what.prefetch,
        )
        payload = WirePayload(
            site=self._site.key,
            events=[],
            screen=self._random.choice(browser.screens),
            touch=browser.touch,
            webdriver=what.webdriver,
        )
        hints = hints_in(arrival, payload)
        place = with_town(self._places.place(address), address)
        shared = shared_facts(payload, arrival, hints, self._site, place)
        return Sender(browser, arrival, shared, what.referrer)

    def _some_addresses(self) -> list[str]:
        found: list[str] = []
        for _ in range(_ADDRESSES * 40):
            ip = ".".join(str(self._random.randrange(1, 224)) for _ in range(4))
            likely = crowd.COUNTRIES.get(self._places.country(ip), 0.0)
            if self._random.random() < likely:
                found.append(ip)
            if len(found) == _ADDRESSES:
                break
        return found or [_NO_ADDRESS]


def with_town(place: Place, address: str) -> Place:
    """Return the place of an address with a region and a city, where only its country is known.

    They are made up, and of an address always the same.
    """
    towns = crowd.TOWNS.get(place.country)
    if towns is None or place.region or place.city:
        return place
    region, city = towns.draw(random.Random(address))  # noqa: S311 - no secrets
    return Place(place.country, region, city)
