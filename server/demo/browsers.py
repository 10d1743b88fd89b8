"""The browsers of the demo's visitors, and the programs that say yes as if they were people."""

# ruff: noqa: E501 - user agents are as long as they are

from typing import Literal, NamedTuple

from server.demo.crowd import Odds

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_PHONE = ("390x844", "393x852", "430x932", "375x667")
_ANDROID = ("412x915", "360x800", "384x854", "412x892")
_DESK = ("1920x1080", "1536x864", "2560x1440", "1366x768")
_MAC = ("1512x982", "1440x900", "1728x1117", "2560x1440")
_TABLET = ("820x1180", "1024x1366", "810x1080")
_TELEVISION = ("1920x1080",)


class Browser(NamedTuple):
    """What a browser says of itself.

    `hints` are the values of the headers `Sec-CH-UA`, `-Mobile` and `-Platform`. `engine` decides
    which of the web vitals it can measure. `app` says that it is built into an app, which sends no
    referrer.
    """

    user_agent: str
    screens: tuple[str, ...]
    touch: int = 0
    engine: Literal["chromium", "firefox", "safari"] = "chromium"
    hints: tuple[str, str, str] | None = None
    app: bool = False


def _hints(brand: str, version: int, platform: str, mobile: int = 0) -> tuple[str, str, str]:
    brands = f'"Chromium";v="142", "{brand}";v="{version}", "Not_A Brand";v="99"'
    return brands, f"?{mobile}", f'"{platform}"'


BROWSERS = Odds((
    (Browser(f"{_WINDOWS}) {_CHROME} Safari/537.36", _DESK, hints=_hints("Google Chrome", 142, "Windows")), 26),
    (Browser(f"{_WINDOWS}) {_CHROME} Safari/537.36", _DESK, hints=_hints("Brave", 142, "Windows")), 2),
    (Browser(f"{_WINDOWS}) {_CHROME} Safari/537.36 Edg/142.0.0.0", _DESK, hints=_hints("Microsoft Edge", 142, "Windows")), 6),
    (Browser(f"{_WINDOWS}) {_CHROME} Safari/537.36 OPR/124.0.0.0", _DESK, hints=_hints("Opera", 124, "Windows")), 2),
    (Browser(f"{_WINDOWS}; rv:144.0) Gecko/20100101 Firefox/144.0", _DESK, engine="firefox"), 6),
    (Browser("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", _DESK, engine="firefox"), 6),
    (Browser(f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Safari/605.1.15", _MAC, engine="safari"), 9),
    (Browser(f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Safari/605.1.15", _TABLET, 5, "safari"), 4),  # an iPad
    (Browser(f"{_IPHONE} Version/18.6 Mobile/15E148 Safari/604.1", _PHONE, 5, "safari"), 18),
    (Browser(f"{_IPHONE} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1", _PHONE, 5, "safari"), 2),
    (Browser(f"{_IPHONE} Mobile/22G100 Instagram 401.0.0.34.78 (iPhone15,4; iOS 18_6; en_GB; en-GB; scale=3.00; 1179x2556; 799236234)", ("393x852",), 5, "safari", app=True), 2),
    (Browser(f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Mobile Safari/537.36", _ANDROID, 5, hints=_hints("Google Chrome", 142, "Android", 1)), 14),
    (Browser("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36", _ANDROID, 5, hints=_hints("Samsung Internet", 29, "Android", 1)), 3),
    (Browser("Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0", _ANDROID, 5, "firefox"), 1),
    (Browser("Mozilla/5.0 (Linux; Android 14; SM-A546B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.102 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/537.0.0.46.103;]", ("360x780",), 5, app=True), 2),
    (Browser("Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP4A.250205.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.102 Mobile Safari/537.36", ("412x915",), 5, app=True), 1),
    (Browser("Mozilla/5.0 (SMART-TV; LINUX; Tizen 8.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/6.0 Chrome/108.0.5359.0 TV Safari/537.36", _TELEVISION), 1),
    (Browser("Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", _TELEVISION), 1),
))  # fmt: skip


class Program(NamedTuple):
    """A program that visits: its browser, and what gives it away beside the user agent.

    `network` says that its address is in one of the networks that the site's owner names.
    """

    browser: Browser
    webdriver: bool = False
    prefetch: bool = False
    network: bool = False
    referrer: str = ""


_PLAIN = Browser(f"{_WINDOWS}) {_CHROME} Safari/537.36", ("1920x1080",))
_LINUX = f"Mozilla/5.0 (X11; Linux x86_64) {_CHROME}"
SPAM = "https://semalt.com/"
"""A host of the list of referrer spam."""
PROGRAMS = Odds((
    (Program(Browser(f"{_LINUX.replace('Chrome/', 'HeadlessChrome/')} Safari/537.36", ("800x600",))), 8),
    (Program(Browser("Mozilla/5.0 (Linux; Android 7.0; Moto G (4)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse", ("412x823",))), 5),
    (Program(Browser(f"{_LINUX} Safari/537.36 ChatGPT-User/1.0", ("1280x720",))), 5),
    (Program(Browser(f"{_WINDOWS}) {_CHROME} Safari/537.36 UptimeMonitor/2.1", ("1280x1024",))), 3),
    (Program(_PLAIN, webdriver=True), 7),
    (Program(_PLAIN, network=True), 5),
    (Program(_PLAIN, prefetch=True), 3),
    (Program(_PLAIN, referrer=SPAM), 3),
))  # fmt: skip
VISITS_BY_PROGRAMS = 0.03  # for each visit by people
NETWORKS = ("198.51.100.0/24", "2001:db8:dc::/48")
"""The networks that the demo's owner takes for a data centre's (RFC 5737, RFC 3849)."""
