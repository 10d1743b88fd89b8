"""Operating systems: which one a user agent names, and its version."""

import re

from collector.enrichment.agents.matchers import MATCHERS
from collector.enrichment.agents.rules import Rules, version_of

_V = r"[ /_-]*(\d+)?(?:[._](\d+))?(?:[._](\d+))?"
"""A version behind the first group, which is a name."""
_ASK = "?"
"""Known to ua-parser; it stands here so that no later pattern takes it."""

_OURS = (
    (r"(Windows Mobile) (10)", "Windows Phone"),
    (r"Windows Phone|\bwds \d|ZuneWP|WPDesktop|Lumia|Windows Mobile", _ASK),
    (rf"(watchOS|Watch OS),?{_V}", "watchOS"),
    (r"(^Watch\d+,\d+)/(\d+)(?:\.(\d+))?(?:\.(\d+))?", "watchOS"),
    (rf"(tvOS|Apple ?TV(?:\d+,\d+)?){_V}", "tvOS"),
    (rf"(KAIOS|KaiOS){_V}", "KaiOS"),
    (rf"(HarmonyOS){_V}", "HarmonyOS"),
    (rf"(OpenHarmony){_V}", "OpenHarmony"),
    (rf"(VIDAA){_V}", "VIDAA"),
    (rf"(TiVoOS){_V}", "TiVo OS"),
    (r"Whale ?OS|WhaleTV|Zeasn|Model/Tango", "Whale OS"),
    (rf"(ViziOS){_V}", "ViziOS"),
    (r"VIZIO|Vizio|SmartCast", "ViziOS"),
    (r"(Roku)(?:/DVP-| ?OS[ /])?(\d+)?(?:\.(\d+))?", "Roku OS"),
    (rf"(Web[O0]S|hpwOS|webOS)(?:\.TV)?{_V}", "webOS"),
    (r"NetCast|LG Browser/", "webOS"),
    (rf"(Tizen){_V}", "Tizen"),
    (r"Family ?Hub", "Tizen"),
    (r"Maple|SmartHub", "Orsay"),
    (r"Opera TV Store|OMI/[\d.]+JFK|TV Store/|OMI/.*Model/(?:TiVo|Sony)", "Opera TV"),
    (r"(?i)PlayStation (?:Portable|Vita)|PS ?Vita|\bPSP\b", "PlayStation Portable"),
    (r"(?i)(PlayStation)|[( ;]PS[345][ ;)]", "PlayStation"),
    (r"Nintendo (?:3DS|DSi?|Game ?Boy|GameBoy)|Nitro\)", "Nintendo Mobile"),
    (r"Nintendo", "Nintendo"),
    (r"Oculus|Quest [23S]|Quest Pro|Meta Horizon|PortalGo|Portal\+", "Meta Horizon"),
    (r"Pico (?:Neo|G\d|4)|PicoBrowser|PICO", "PICO OS"),
    (rf"(Fire ?OS|cordova-amazon-fireos){_V}", "Fire OS"),
    (r"\bAFT[A-Z]|[; ]KF[A-Z]{3,5}[ );]|Kindle Fire", "Fire OS"),
    (r"[ ;]AEO[A-Z]{2}[ );]|\bSilk/\d|^Amazon;|AmazonWebApp", "Fire OS"),
    (r"Wear ?OS|Wear Internet|Android Wear|Android[^)]*[ -]SM-[RL]\d", "Wear OS"),
    (rf"(Google ?TV){_V}", "Google TV"),
    (r"Android ?TV|BRAVIA|Andr0id|SMART TV Build|ATV\d", "Android TV"),
    (r"(CrOS) \w+ (\d+)(?:\.(\d+))?(?:\.(\d+))?", "Chrome OS"),
    (r"Chromebook|Build/R\d\d+-\d", "Chrome OS"),
    (r"Fuchsia", "Fuchsia"),
    (r"Linux like Android|PocketBook", "Linux"),
    (rf"(Sailfish){_V}", "Sailfish OS"),
    (r"(Ubuntu) ([\d]+)(?:\.(\d+))? like Android", "Ubuntu"),
    (r"Windows ?CE|WinCE", "Windows CE"),
    (r"IEMobile", _ASK),
    (r"(?i)(Android|\bAdr|OMDroid)[ /_-]*(\d+)(?:[._](\d+))?(?:[._](\d+))?", "Android"),
    (r"^A/(\d)", "Android"),
    (r"X11;.* (?:SamsungBrowser|MiuiBrowser|HeyTapBrowser|VivoBrowser|EdgA)/", "Android"),
    (r"(?i)android|Dalvik|ExoPlayer", "Android"),
    (rf"(iPhone OS|CPU(?: iPhone)? OS|iPadOS|iPod_touch|\biOS){_V}", "iOS"),
    (r"Macintosh.*(?:CriOS|FxiOS|EdgiOS|OPiOS|GSA/)", "iOS"),
    (r"iPhone|iPad|iPod|\biPh\d|AirPlay/|AirPodcasts", "iOS"),
    (rf"(Mac OS X Version|Mac OS X|macOS Version|macOS|Mac OS|os=Mac){_V}", "Mac OS X"),
    (r"Macintosh|Mac_PowerPC|MacBook|Mac_?mini|Macmini", "Mac OS X"),
    (r"iMac|\bMac ?Pro|Darwin/[\d.]+ \((?:x86|i386|Pow)", "Mac OS X"),
    (r"CFNetwork|Darwin/", "iOS"),
    (r"(?i)MRE/|\bMRE\b", "MRE"),
    (r"Mocor|Dorado", "Mocor OS"),
    (r"Symbian|SymbOS|Series ?[346]0|\bS60|BlackBerry|BB10|PlayBook|RIM Tablet", _ASK),
    (r"; ARM;|Xbox", _ASK),
    (r"Windows NT 10\.0", "Windows 10"),
    (r"Windows NT 6\.3", "Windows 8.1"),
    (r"Windows NT 6\.2", "Windows 8"),
    (r"Windows NT 6\.1", "Windows 7"),
    (r"Haiku", "Haiku"),
    (r"(?i)Amiga", "AmigaOS"),
    (r"MorphOS", "MorphOS"),
    (r"RISC OS", "RISC OS"),
    (r"OpenVMS", "OpenVMS"),
    (r"IRIX", "IRIX"),
    (r"OSF1", "OSF1"),
    (r"OS/2", "OS/2"),
    (r"Syllable", "Syllable"),
    (r"BeOS", "BeOS"),
    (r"Inferno", "Inferno"),
    (r"\bAIX\b", "AIX"),
    (r"HP-UX", "HP-UX"),
    (r"SunOS|Solaris", "Solaris"),
    (r"(?i)[ (/]suse", "SUSE"),
    (r"DragonFly", "DragonFly"),
    (r"NetBSD", "NetBSD"),
    (r"OpenBSD", "OpenBSD"),
    (r"FreeBSD", "FreeBSD"),
    (r"\bBada\b", "Bada"),
    (r"BREW|Brew", "Brew"),
    (r"CYGWIN|\bwin(?:7|8|10|11)\b|os=Windows", "Windows"),
    (r"Windows-Media|ms-office|Microsoft[ -]|[.]windows[.]", "Windows"),
    (r"MIDP|J2ME|CLDC|MMP/|\(Java;|MAUI", "Java ME"),
)  # fmt: skip
"""What ua-parser does not know or takes for another system; the first that is found counts."""

_WINDOWS = {f"Windows {version}": ("Windows", version) for version in ("10", "8.1", "8", "7")}

_NAMES = {
    "ATV OS X": "tvOS",
    "WatchOS": "watchOS",
    "Web0S": "webOS",
    "GoogleTV": "Google TV",
    "Roku": "Roku OS",
    "Brew MP": "Brew",
    "BREW": "Brew",
    "Symbian^3": "Symbian OS",
    "Symbian^3 Anna": "Symbian OS",
    "Symbian^3 Belle": "Symbian OS",
    "Chromecast Fuchsia": "Fuchsia",
    "Chromecast Android": "Android TV",
    "Chromecast Linux": "Linux",
    "Chromecast SmartSpeaker": "Linux",
    "Mac OS": "Mac OS X",
}
"""Names that ua-parser writes otherwise."""

_SAYS_LINUX = re.compile(r"linux|HbbTV|Sonos|CrKey", re.I)


_HBBTV = re.compile(r"HbbTV", re.I)
"""ua-parser takes the maker in the brackets behind it for the system."""


_OURS_RULES = Rules(_OURS)


def system_of(text: str) -> tuple[str, str]:
    """Return the name of the system and its version; ''."""
    name, version = _OURS_RULES.named(text)
    if name.startswith("Windows "):
        return _WINDOWS.get(name) or (name, version)
    if name and name != _ASK:
        return name, version
    found = MATCHERS.os.extract(text)
    name = found.family if found else ""
    name = _NAMES.get(name, name)
    if name in ("", "Other", "Linux") or _HBBTV.search(text):
        return ("Linux" if _SAYS_LINUX.search(text) else ""), ""
    return name, version_of(found)
