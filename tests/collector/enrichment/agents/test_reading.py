"""Browsers, systems and devices: what a user agent and the hints beside it say."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collector.enrichment.agents.browser_names import HEADLESS, MOBILE, WEBVIEW
from collector.enrichment.agents.client import Client
from collector.enrichment.agents.device_names import KINDS
from collector.enrichment.agents.hints import LONGEST, hints_of, read_hints
from collector.enrichment.agents.reading import read_agent
from collector.enrichment.enrich import client_of
from tests.effort import least_seconds

ENGINE = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{ENGINE} Chrome/131.0.0.0 Safari/537.36"
ON_PHONES = f"{ENGINE} Chrome/131.0.0.0 Mobile Safari/537.36"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}"
X11 = "Mozilla/5.0 (X11; Linux x86_64)"
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.3 Safari/605.1.15"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) {}Mobile/15E148{}"
)


def on_android(model: str, rest: str, version: str = "13") -> str:
    return f"Mozilla/5.0 (Linux; Android {version}; {model}) {rest}"


@pytest.mark.parametrize(
    ("user_agent", "browser", "variant"),
    [
        (WINDOWS, "Chrome", ""),
        (on_android("K", ON_PHONES), "Chrome", MOBILE),
        (
            on_android("SM-S911B; wv", ON_PHONES.replace("Chrome", "Version/4.0 Chrome")),
            "Chrome",
            WEBVIEW,
        ),
        (WINDOWS.replace("Chrome/", "HeadlessChrome/"), "Chrome", HEADLESS),
        (IPHONE.format("CriOS/131.0.6778.73 ", " Safari/604.1"), "Chrome", MOBILE),
        (MAC, "Safari", ""),
        (IPHONE.format("Version/18.3 ", " Safari/604.1"), "Safari", MOBILE),
        (IPHONE.format("", ""), "Safari", WEBVIEW),
        (IPHONE.format("", " Instagram 375.2.0.33.77 (iPhone16,1)"), "Safari", "Instagram"),
        (IPHONE.format("", " [FBAN/FBIOS;FBAV/501.2.0.65.109;]"), "Safari", "Facebook"),
        (IPHONE.format("", " MicroMessenger/8.0.50(0x18003233)"), "Safari", "WeChat"),
        (on_android("K; wv", f"{ON_PHONES} MetaIAB Facebook"), "Chrome", "Facebook"),
        (on_android("K; wv", f"{ON_PHONES} Line/14.2.1/IAB"), "Chrome", "LINE"),
        (on_android("K; wv", f"{ON_PHONES} BytedanceWebview/d8a21c6"), "Chrome", "TikTok"),
        (WINDOWS.replace(" Safari", " Electron/33.2.0 Safari"), "Chrome", "Electron"),
        (f"{WINDOWS} Edg/131.0.0.0", "Edge", ""),
        (on_android("K", f"{ON_PHONES} EdgA/131.0.0.0"), "Edge", MOBILE),
        (f"{WINDOWS} OPR/115.0.0.0", "Opera", ""),
        (f"{WINDOWS} Vivaldi/7.0", "Vivaldi", ""),
        (
            WINDOWS.replace("Safari", "YaBrowser/24.12.0.0 Yowser/2.5 Safari"),
            "Yandex Browser",
            "",
        ),
        (
            on_android("K", ON_PHONES.replace("Mobile", "YaBrowser/24.1.2.86 (lite) Mobile")),
            "Yandex Browser",
            "lite",
        ),
        (
            on_android("K", f"{ENGINE} Chrome/120.0 YaApp_Android/24.19/apad Mobile Safari/537.36"),
            "Yandex Browser",
            MOBILE,
        ),
        (
            on_android("SM-S911B", ON_PHONES.replace("Chrome", "SamsungBrowser/27.0 Chrome")),
            "Samsung Internet",
            MOBILE,
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox", ""),
        ("Mozilla/5.0 (Android 14; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0", "Firefox", MOBILE),
        ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer", ""),
        (f"{WINDOWS} OPRGX/115.0.0.0", "Opera", ""),
        (MAC.partition(" Version")[0], "Safari", WEBVIEW),
        (
            MAC.replace("Macintosh; Intel Mac OS X 10_15_7", "Wayland; Linux x86_64"),
            "GNOME Web",
            "",
        ),
        *(
            (f"{X11} {ENGINE} {said} Chrome/122.0 Safari/537.36", name, "")
            for said, name in (
                ("QtWebEngine/6.8.1", "QtWebEngine"),
                ("QtWebEngine/6.8.1 Falkon/24.12.0", "Falkon"),
                ("Konqueror (WebEnginePart)/24.12.0 QtWebEngine/6.8.1", "Konqueror"),
                ("konqueror/24.8.0 QtWebEngine/6.7.2", "Konqueror"),
                ("QtWebEngine/6.8.1 Otter/1.0.3", "Otter Browser"),
                ("Valve Steam Client/default/1733265492", "Steam"),
                ("Valve Steam GameOverlay/1733265492", "Steam"),
                ("Valve Steam Tenfoot/1733265492", "Steam"),
            )
        ),
        (f"{X11[:-1]}; Valve Steam Gamepad/Steam Deck) {CHROME}", "Steam", ""),
        *(
            (f"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.5) {ENGINE} {said} TV Safari/537.36", name, "")
            for said, name in (
                ("SamsungBrowser/2.2 Chrome/63.0.3239.84", "Samsung Internet"),
                ("85.0.4183.93/6.5", "Samsung Internet"),
                ("Version/4.0", "Samsung Internet"),
            )
        ),
        (f"Mozilla/5.0 (Web0S; Linux/SmartTV) {CHROME} WebAppManager", "LG Browser", ""),
        (f"Mozilla/5.0 (Linux; webOS 24; SmartTV) {CHROME}", "LG Browser", ""),
        (f"{X11} {CHROME}", "Chrome", ""),
        (
            (f"Mozilla/5.0 (Web0S; Linux/SmartTV) {CHROME} "
            "HbbTV/1.6.1 (+DRM; LGE; 55UK6400; WEBOS22 04.42.26; W22_K8LP;)"),
            "Chrome",
            "",
        ),
        (
            ("Mozilla/5.0 (Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/84.0 Safari/"
            "537.36 OPR/46.0.2207.0 OMI/4.21.4 HbbTV/1.5.1 (; Vestel; MB230; 1.0;)"),
            "Opera",
            "",
        ),
        (on_android("M bot 51", ON_PHONES, "7.0"), "Chrome", MOBILE),  # no browser of that name
        (on_android("TECNO SPARK 4", ON_PHONES, "9"), "Chrome", MOBILE),
        ("", "", ""),
    ],
)  # fmt: skip
def test_one_browser_is_one_family_with_variants(user_agent: str, browser: str, variant: str):
    read = read_agent(user_agent)

    assert (read.browser, read.browser_variant) == (browser, variant)


@pytest.mark.parametrize(
    ("user_agent", "system", "version"),
    [
        (WINDOWS, "Windows", "10"),
        (MAC, "Mac OS X", "10.15.7"),
        (IPHONE.format("", ""), "iOS", "18.3"),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15", "iOS", "17.5"),
        (on_android("K", ON_PHONES, "10"), "Android", "10"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME}", "Chrome OS", "14541.0.0"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME}", "Linux", ""),
        (f"Mozilla/5.0 (Wayland; Linux aarch64) {CHROME}", "Linux", ""),
        ("Mozilla/5.0 (FreeBSD; amd64; rv:144.0) Gecko/20100101 Firefox/144.0", "FreeBSD", ""),
        ("Mozilla/5.0 (OpenBSD; amd64; rv:144.0) Gecko/20100101 Firefox/144.0", "OpenBSD", ""),
        ("Mozilla/5.0 (NetBSD; amd64; rv:144.0) Gecko/20100101 Firefox/144.0", "NetBSD", ""),
        (
            f"Mozilla/5.0 (Phone; OpenHarmony 5.0) {ENGINE} Chrome/114.0 ArkWeb/4.1.6.1 Mobile",
            "OpenHarmony",
            "5.0",
        ),
        (on_android("HarmonyOS; GRL-AL10", ON_PHONES, "12"), "HarmonyOS", ""),
        (
            "Mozilla/5.0 (Mobile; Nokia 8110; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.1",
            "KaiOS",
            "2.5.1",
        ),
        (
            (
                "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) "
                f"{ENGINE} Chrome/52.0 Mobile Safari/537.36 Edge/15.15254"
            ),
            "Windows Phone",
            "10.0",
        ),
        ("HbbTV/1.2.1 (;Panasonic;VIERA 2014;0.258;0071-1000 0000-0000;)", "Linux", ""),
        (f"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.5) {CHROME}", "Tizen", "6.5"),
        (on_android("AFTMM", CHROME, "7.1.2"), "Fire OS", ""),
        (on_android("KFTRWI", CHROME, "9"), "Fire OS", ""),
        ("Mozilla/5.0 (PlayStation; PlayStation 5/8.20) AppleWebKit/605.1.15", "PlayStation", ""),
        ("Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4", "Nintendo", ""),
        ("Mail/3731.600.7 CFNetwork/1408.0.4 Darwin/22.5.0", "iOS", ""),
        ("Mail/1874 CFNetwork/673.2.1 Darwin/13.1.0 (x86_64) (Macmini6%2C1)", "Mac OS X", ""),
    ],
)
def test_a_system_and_its_version(user_agent: str, system: str, version: str):
    read = read_agent(user_agent)

    assert (read.os, read.os_version) == (system, version)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (WINDOWS, "desktop"),
        (MAC, "desktop"),
        (f"Mozilla/5.0 (Wayland; Linux aarch64) {CHROME}", "desktop"),
        ("Mozilla/5.0 (FreeBSD; amd64; rv:144.0) Gecko/20100101 Firefox/144.0", "desktop"),
        (on_android("HP EliteBook 8470p", CHROME), "desktop"),
        (f"Mozilla/5.0 (PC; OpenHarmony 5.0) {CHROME} ArkWeb/4.1.6.1", "desktop"),
        (IPHONE.format("", ""), "phone"),
        (on_android("K", ON_PHONES), "phone"),
        (on_android("SM-F956B", CHROME), "phone"),  # unfolded, it asks for websites of computers
        ("Dalvik/2.1.0 (Linux; U; Android 9; SM-G950F Build/PPR1)", "phone"),
        ("Nokia6100/1.0 (04.01) Profile/MIDP-1.0 Configuration/CLDC-1.0", "phone"),
        ("Mozilla/5.0 (Mobile; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.1", "phone"),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15", "tablet"),
        (MAC.replace("Version", "CriOS/131.0 Version"), "tablet"),  # it asks for such websites
        (on_android("SM-X710", CHROME), "tablet"),
        (on_android("Lenovo TB-X606F", ON_PHONES), "tablet"),
        (on_android("K", CHROME), "tablet"),
        (on_android("KFTRWI", CHROME), "tablet"),
        (on_android("BRAVIA 4K GB", CHROME), "television"),
        (on_android("AFTMM", CHROME), "television"),
        (on_android("Chromecast Build/STTE", CHROME), "television"),
        (on_android("MIBOX4", CHROME), "television"),
        (on_android("DM-LED43UBB31 Build/RP1A; wv", ON_PHONES), "television"),
        (f"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.5) {CHROME}", "television"),
        (f"Mozilla/5.0 (Web0S; Linux/SmartTV) {CHROME}", "television"),
        (f"Mozilla/5.0 (X11; Linux armv7l) {CHROME} Model/Hisense-MT9602 VIDAA/6.0", "television"),
        (f"Mozilla/5.0 (Linux armv7l) {CHROME} HbbTV/1.2.1 (; Vestel; MB130;)", "television"),
        ("Roku/DVP-9.10 (519.10E04111A)", "television"),
        ("Mozilla/5.0 (PlayStation; PlayStation 5/8.20) AppleWebKit/605.1.15", "console"),
        ("Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4", "console"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) {CHROME}", "console"),
        ("atc/1.0 watchOS/7.2 model/Watch5,12 hwp/t8006 build/18S563", "watch"),
        (on_android("TicWatch Pro 3", ON_PHONES), "watch"),
        (f"Mozilla/5.0 (Linux; Tizen 5.5; SAMSUNG SM-R800) {ON_PHONES}", "watch"),
        (f"Mozilla/5.0 (X11; GNU/Linux) {CHROME} Tesla/2024.8.9-a1b2", "car"),
        (on_android("Polestar 2", CHROME), "car"),
        (on_android("Volvo XC40", CHROME), "car"),
        (on_android("23043RP34G", CHROME), "tablet"),
        (on_android("BQ-7038G", ON_PHONES), "tablet"),
        (on_android("Nokia Streaming Box 8000", CHROME), "television"),
        (on_android("Retroid Pocket 5", ON_PHONES), "console"),
        (on_android("BOOX NoteAir2P", CHROME), "reader"),
        (f"Mozilla/5.0 (hp-tablet; Linux; hpwOS/3.0.2; U; de-DE) {ENGINE}", "tablet"),
        (f"Mozilla/5.0 (Linux; webOS/2.2.4; U; de-DE) {ENGINE} Pre/3.0", "phone"),
        ("Mozilla/5.0 (Tablet; rv:29.0) Gecko/29.0 Firefox/29.0", "tablet"),
        ("Mozilla/5.0 (PlayBook; U; RIM Tablet OS 2.1.0; en-US) AppleWebKit/536.2+", "tablet"),
        ("Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; ARM; Trident/6.0; Touch)", "tablet"),
        ("DoCoMo/2.0 N905i(c100;TB;W24H16)", "phone"),
        (on_android("Quest 2", f"{ENGINE} OculusBrowser/15.0 Chrome/89.0 VR Safari/537.36"), ""),
        ("Mozilla/5.0 (Linux; U; en-us) AppleWebKit/531.2+ Safari/531.2+ Kobo eReader", "reader"),
        ("Mozilla/5.0 (X11; U; Linux armv7l) AppleWebKit/534.26+ Kindle/3.0+", "reader"),
        ("Mozilla/5.0 (Linux; U) AppleWebKit/534.34 PocketBook/515 (screen 600x800)", "reader"),
        ("", ""),
        ("\x00\xff nonsense", ""),
    ],
)
def test_a_kind_of_device(user_agent: str, device: str):
    assert read_agent(user_agent).device == device


CHROME_HINTS = {
    "sec-ch-ua": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Windows"',
}


def test_hints_are_a_short_text_of_what_is_known():
    assert hints_of(CHROME_HINTS, 0) == "brand=Google Chrome/142;mobile=0;platform=Windows;touch=0"
    assert hints_of({"sec-ch-ua-mobile": "?1"}) == "mobile=1"
    assert hints_of({}, 5) == "touch=5"
    assert hints_of({}) == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-ch-ua": "x" * 10_000},
        {"sec-ch-ua": '"a;b=c";v="1"'},
        {"sec-ch-ua-mobile": "yes"},
        {"sec-ch-ua-platform": '"Windows;touch=9"'},
        {"sec-ch-ua-platform": "\udc80\x00"},
    ],
)
def test_what_is_no_hint_is_left_out(headers: dict[str, str]):
    assert hints_of(headers) == ""


def test_an_ipad_that_says_macintosh_is_told_by_its_touch_points():
    read = read_agent(MAC, hints_of({}, 5))

    assert (read.os, read.os_version, read.device) == ("iOS", "", "tablet")
    assert read_agent(MAC, hints_of({}, 0)) == read_agent(MAC)
    assert read_agent(WINDOWS, hints_of({}, 9)) == read_agent(WINDOWS)


@pytest.mark.parametrize(
    ("brand", "browser", "version"),
    [
        ("Google Chrome", "Chrome", "131.0.0"),
        ("Brave", "Brave", "142"),
        ("Some New Browser", "Chrome", "131.0.0"),
    ],
)
def test_a_brand_tells_browsers_that_say_they_are_chrome(brand: str, browser: str, version: str):
    headers = CHROME_HINTS | {"sec-ch-ua": f'"Chromium";v="142", "{brand}";v="142"'}
    read = read_agent(WINDOWS, hints_of(headers))

    assert (read.browser, read.browser_version) == (browser, version)


def test_a_headless_browser_is_told_by_its_brand():
    headers = {"sec-ch-ua": '"HeadlessChrome";v="142", "Chromium";v="142"'}
    read = read_agent(WINDOWS, hints_of(headers))

    assert (read.rule, read.browser_variant) == ("agent:HeadlessChrome", HEADLESS)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"{X11} {CHROME} SkyX_STB", "television"),
        (f"Mozilla/5.0 (QtEmbedded; Linux) {CHROME} (MAG524)", "television"),
        (f"{X11} {CHROME} Mercedes-Benz MBUX", "car"),
        (IPHONE.format("", " Kobo/12.1"), "phone"),
        (IPHONE.format("", " Kindle/7.2"), "phone"),
        (IPHONE.format("", " Mercedes-Benz/3.4"), "phone"),
        (f"{MAC} Kindle/1.40", "desktop"),
        (f"{WINDOWS} Kobo/4.38", "desktop"),
        (f"Mozilla/5.0 (Linux; U; Android 2.0; en-us;) {ENGINE} (Kobo Touch 0384)", "reader"),
        (f"{X11} {CHROME} Kindle/3.0", "reader"),
    ],
)
def test_a_box_and_a_car_are_no_desktops_and_an_app_for_books_is_no_reader(
    user_agent: str, device: str
):
    assert read_agent(user_agent).device == device


@pytest.mark.parametrize("model", ["Crawler 4x4", "Robot 7", "someBot 5", "Spider", "M bot 51"])
def test_the_name_of_a_device_is_no_browser(model: str):
    read = read_agent(on_android(model, ON_PHONES))

    assert (read.browser, read.browser_version, read.rule) == ("Chrome", "131.0.0", "")


@pytest.mark.parametrize(
    ("user_agent", "brand", "browser"),
    [
        (f"{WINDOWS} Edg/131.0.0.0", "DuckDuckGo", "DuckDuckGo"),
        (WINDOWS, "AVG Secure Browser", "AVG Secure Browser"),
        (WINDOWS, "Norton Private Browser", "Norton Private Browser"),
        (WINDOWS, "Ecosia", "Ecosia"),
        (WINDOWS, "Opera Air", "Opera"),
        (f"{WINDOWS} Vivaldi/7.0", "Google Chrome", "Vivaldi"),
        (f"{WINDOWS} Edg/131.0.0.0", "Google Chrome", "Edge"),
        (MAC, "No Such Brand", "Safari"),
    ],
)
def test_a_brand_tells_a_browser_that_says_it_is_the_one_it_is_made_of(
    user_agent: str, brand: str, browser: str
):
    assert read_agent(user_agent, f"brand={brand}/131").browser == browser


@pytest.mark.parametrize(
    ("hints", "system", "device"),
    [
        ("mobile=1;platform=Android;touch=5", "Android", "phone"),
        ("mobile=0;platform=Android;touch=5", "Android", "tablet"),
        ("mobile=1;platform=Linux;touch=5", "Linux", "phone"),
        ("mobile=0;platform=Linux;touch=9", "Linux", "desktop"),
        ("mobile=0;platform=Windows", "Linux", "desktop"),
        ("touch=5", "Linux", "desktop"),
    ],
)
def test_a_device_of_android_in_the_form_of_a_desktop_is_known_by_its_hints(
    hints: str, system: str, device: str
):
    read = read_agent(f"{X11} {CHROME}", hints)

    assert (read.os, read.device) == (system, device)


def test_a_browser_that_is_on_phones_and_tablets_alone_is_on_no_desktop():
    read = read_agent(f"{X11} {ENGINE} SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36")

    assert (read.browser, read.os, read.device) == ("Samsung Internet", "Android", "tablet")
    assert read_agent(f"{X11} {CHROME} OPR/115.0").os == "Linux"


def test_a_hint_of_android_leaves_a_system_made_of_it_its_name():
    fire = read_agent(on_android("KFTRWI", ON_PHONES), "mobile=0;platform=Android")
    television = read_agent(f"Mozilla/5.0 (Web0S; Linux/SmartTV) {CHROME}", "platform=Android")

    assert (fire.os, television.os, television.device) == ("Fire OS", "webOS", "television")


def test_hints_tell_what_the_user_agent_does_not():
    read = read_agent("", "mobile=1;platform=Android")

    assert (read.os, read.device) == ("Android", "phone")


AGENTS = st.one_of(
    st.text(max_size=600),
    st.lists(
        st.sampled_from((
            "Mozilla/5.0 ", "(", ")", "; ", "Android 9", "Linux", "Build/", "bot", "+http://a.b",
            "compatible", "AppleWebKit/537.36", "(KHTML, like Gecko)", "Mobile", "Chrome/1.0",
            "Windows NT", "iPhone", "x@y.zz", "\udcff", "é", "/1.0", "CFNetwork", " ",
        )),
        max_size=60,
    ).map("".join),
)  # fmt: skip


@given(AGENTS, st.text(max_size=150))
@example("Mozilla/5.0 (compatible; " + "a" * 500, "")
@example("a@" * 256, "touch=" + "9" * 99)
@example("Android;" * 64, "touch=\u0663")
@example("((((" * 128, ";=;=;=")
def test_any_user_agent_and_any_hints_can_be_read(user_agent: str, hints: str):
    read = read_agent(user_agent, hints)

    assert isinstance(read, Client)
    assert read.device in ("", *KINDS)
    assert not (read.declared and not read.rule)


@given(AGENTS)
def test_a_kept_answer_is_what_a_fresh_one_would_be(user_agent: str):
    assert client_of(user_agent) == client_of(user_agent) == read_agent(user_agent)


@given(
    st.dictionaries(
        st.sampled_from(("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform")), st.text()
    ),
    st.none() | st.integers(),
)
def test_hints_of_any_headers_are_short_and_can_be_read_again(
    headers: dict[str, str], touch: int | None
):
    hints = hints_of(headers, touch)

    assert len(hints) <= LONGEST
    assert ";".join(f"{name}={value}" for name, value in read_hints(hints).items()) == hints


@pytest.mark.parametrize(
    "text",
    [
        "Mozilla/5.0 (compatible; " + "a" * 10_000,
        "a@" * 10_000,
        "Android 9; " * 10_000,
        "(" * 10_000,
        "Mozilla/5.0 " + "x." * 10_000,
        "+a" + ".a" * 10_000,
    ],
)
def test_no_user_agent_takes_long(text: str):
    taken = least_seconds(lambda: read_agent(text))

    assert taken < 0.25  # it takes less than a hundredth of that


ENGINE = "AppleWebKit/537.36 (KHTML, like Gecko"
BY_ADDRESS = ("bot", "crawler", "spider", "robot", "fetcher", "preview")


@pytest.mark.parametrize("word", BY_ADDRESS)
@pytest.mark.parametrize("domain", ["openai.com", "example.net", "example.co.uk"])
def test_neither_the_name_nor_the_address_of_a_bot_is_a_browser(domain: str, word: str):
    for text in (
        f"Mozilla/5.0 {ENGINE}); compatible; Some-User/1.0; +https://{domain}/{word}",
        f"Mozilla/5.0 {ENGINE}; compatible; SomeBot/1.2; +https://{domain}/{word})",
        f"SomeBot/1.0 (+http://{domain}/{word}.html)",
    ):
        read = read_agent(text)
        assert read.bot
        assert (read.browser, read.browser_version, read.browser_variant) == ("", "", "")


def test_a_bot_in_a_browser_has_that_browser():
    for end, browser in (("", "Chrome"), (" Edg/142.0.0.0", "Edge")):
        text = f"Mozilla/5.0 (X11; Linux x86_64) {ENGINE}) Chrome/142.0.0.0 Safari/537.36{end}"
        assert read_agent(f"{text} ChatGPT-User/1.0; +https://openai.com/bot").browser == browser


@pytest.mark.parametrize(
    ("text", "browser"),
    [
        (f"Mozilla/5.0 (PlayStation; PlayStation 5/8.20) {ENGINE})", "PlayStation Browser"),
        (f"Mozilla/5.0 (PlayStation 5 3.03/SmartTV) {ENGINE})", "PlayStation Browser"),
        (
            f"Mozilla/5.0 (PlayStation 4 11.00) {ENGINE}) Version/13 Safari/605.1",
            "PlayStation Browser",
        ),
        ("Mozilla/5.0 (PLAYSTATION 3; 4.55)", "NetFront"),
        ("Mozilla/4.0 (PSP (PlayStation Portable); 2.00)", "NetFront"),
    ],
)
def test_a_console_has_the_browser_of_its_generation(text: str, browser: str):
    assert read_agent(text).browser == browser
