"""Kinds of devices: desktop, phone, tablet, television, console, watch, car, reader."""

import re
from functools import cache
from types import SimpleNamespace
from typing import Any

from user_agents.parsers import UserAgent

from collector.enrichment.agents.matchers import matchers
from collector.enrichment.agents.rules import Rules

CONSOLE, WATCH, CAR, READER = "console", "watch", "car", "reader"
TELEVISION, TABLET, PHONE, DESKTOP = "television", "tablet", "phone", "desktop"
OTHER = "other"
KINDS = (DESKTOP, PHONE, TABLET, TELEVISION, CONSOLE, WATCH, CAR, READER)

_SAID = (
    (r"Sonos|AirPlay/|AirPodcasts|SmartSpeaker|^Echo/", OTHER),
    (r"Oculus|PicoBrowser|FamilyHub|Family Hub", OTHER),
    (r"(?i)PlayStation|[( ;]PS[2345P][ ;)]|Nintendo", CONSOLE),
    (r"(?i)\bXbox|XBOX_ONE|\bOUYA\b|GAMEPAD|sony_tv;ps", CONSOLE),
    (r"SteamDeck|Steam Deck|Valve Steam (?:Gamepad|GameOverlay)|Sega|Dreamcast|Bunjalloo", CONSOLE),
    (r"(?i)watch ?OS|Watch\d,\d|Wear ?OS|WearOS", WATCH),
    (r"(?i)Wear Internet|\bWIB/|smart ?watch|galaxy ?watch", WATCH),
    (r"SM-[RL]\d{3}", WATCH),
    (r"(?i:[ -]watch[ -]\w|zenwatch|gear (?:s\d|live|fit)|garmin (?:fore|fenix|venu))", WATCH),
    (r"Tesla/|QtCarBrowser|Android Automotive|\bMMI Touch|Polestar|CarBrowser|BYD ", CAR),
    (r"(?i)kobo|kindle/|kindle \d\.|\bnook\b|pocketbook", READER),
    (r"(?i)e-?reader|tolino|bookeen|onyx ?boox|\bBOOX", READER),
    (r"Sony ?PRS|PRS-T\d|InkPalm|inkBOOK|Cybook|reMarkable|Likebook|Meebook|Bigme", READER),
    (r"(?i)smart[ -_]?tv|hbbtv|googletv|google ?tv", TELEVISION),
    (r"(?i)apple ?tv|android[ _]?tv|\btv ?os\b|web[o0]s\.?tv", TELEVISION),
    (r"(?i)ce-html|nettv|netcast|\bviera\b|bravia", TELEVISION),
    (r"(?i)aquos-?tv|roku|crkey|chromecast|vizio|vidaa|tivo", TELEVISION),
    (r"(?i)dlnadoc|opera tv|\bomi/|tv store|inettvbrowser", TELEVISION),
    (r"(?i)inetbrowser|large screen|set-?top|\bstb", TELEVISION),
    (r"(?i)tv bro|quick search tv|tbrowser|odin/|vestel", TELEVISION),
    (r"(?i)philips,|_tv_|maple|espial|ekioh|kylo|webtv", TELEVISION),
    (r"\(lite\) TV |YNDX-\d|SaluteTV|TV Safari|DTV", TELEVISION),
    (r"LG Browser|SonyCEBrowser|SONYBDP|DuneHD|Escape \d", TELEVISION),
    (r"\bAFT[A-Z]|[Kk]odi/|XBMC|LibVLC/[\d.]+$", TELEVISION),
    (r"QtEmbedded; U; Linux|MR-Device|KreaTV|FreeBox|Freebox", TELEVISION),
    (r"Web[O0]S; |Tizen[^)]*\b[Tt][Vv]\b|SMART-TV", TELEVISION),
    (r"DIRECTV|TiviMate|SmartHub|BDP\d{3,4}|BlackPearl", TELEVISION),
)  # fmt: skip
"""What a whole user agent says of the kind of its device."""

_SIZE = r"(?:19|22|24|28|32|39|4[0235678]|49|50|55|58|60|65|70|75|77|82|85|86|98)"
"""The diagonals of televisions in inches, as makers write them into names."""
_OF_ANDROID = (
    (r"(?i)watch|\bLEM\d+|RunIQ|\bKW\d\d\b|\bOW\d\dW\d|\bTHOR (?:S|PRO)\b", WATCH),
    (r"(?i)\b(?:AEO[A-Z]{2}|yandexstation|portal ?(?:go|\+|tv|mini))", OTHER),
    (r"(?i)oculus|quest (?:[23]|pro)|pico (?:neo|g\d|4)|\bvr-?\d|standalone hmd|glass \d", OTHER),
    (r"(?i)quad-?core[ -](?:t3|r16)|octa-?core[ -]?t\d", CAR),
    (r"(?i)ultraocta|8227L|\bMPC-\d|\bYT\d{4}|benz_", CAR),
    (r"(?i)car ?play|polestar|porsche|\bbmw\b|\baudi_", CAR),
    (r"(?i)\bks\d{4}x|dilink|\bbyd auto|head ?unit", CAR),
    (r"(?i)sp9853i_1h10|\bSDA-\d|mac audio|\bZQ\d{4}", CAR),
    (r"(?i)\broik\d|navi(?:gation)?\b|\bk2001|dudu\d", CAR),
    (r"(?i)retroid|\bRG ?(?:\d{3}|cube|arc|slide)", CONSOLE),
    (r"(?i)\bshield(?: portable)?$|razer edge|game ?pad", CONSOLE),
    (r"(?i)odin(?:2| pro| lite)|gpd (?:xd|q9)|anbernic", CONSOLE),
    (r"(?i)\bjxd|powkiddy|ayaneo|logitech g|moqi", CONSOLE),
    (r"(?i)\bouya\b|nintendo|switch lite", CONSOLE),
    (r"(?i)kobo|\bnook\b|pocketbook|e-?reader|tolino", READER),
    (r"(?i)bookeen|boox|inkpalm|likebook|meebook|bigme", READER),
    (r"(?i)inspiron|latitude|vostro|elitebook|probook", DESKTOP),
    (r"(?i)satellite|aspire|travelmate|thinkpad|\bNUC", DESKTOP),
    (r"(?i)chromebook|pixelbook|matebook|laptop|notebook", DESKTOP),
    (r"(?i)compaq|\bAIO\b|2in1|standard pc|virtualbox", DESKTOP),
    (r"(?i)smart[ _-]?tv|android ?tv|\btv\b|_tv|tv_|tv-?box", TELEVISION),
    (r"(?i)tv[ -]stick|[a-z]tv\d?[a-z]?$|\btv|[a-z]tv-", TELEVISION),
    (r"(?i)tv(?:[24]k?a?|bs|j?\d\d)|\bswtv|\bntv-|\btdtv", TELEVISION),
    (r"(?i)u?led[_-]?\d|\bldtv|\bmi ?tv|mibox|fire ?tv", TELEVISION),
    (r"(?i)bravia|\bshield|nexus player|\badt-\d|chromecast", TELEVISION),
    (r"(?i)aquos-?tv|formuler|zidoo|ugoos|beelink", TELEVISION),
    (r"(?i)minix|\bneo-[xu]\d|evpad|\bmxq|\bmx9|x9[68]_", TELEVISION),
    (r"(?i)x9[68]\b|x96|\bh96|\bt95|\bhk1\b|\ba95x|vontar", TELEVISION),
    (r"(?i)\bkm[2389]\b|mecool|tanix|qbox|probox|\bm8s\b", TELEVISION),
    (r"(?i)\br-tv|rk3\d{3}|\bgtking|ubox|magicsee", TELEVISION),
    (r"(?i)hisense ?(?:tv|smart)|hismart|vestel|\btpm1\d\d", TELEVISION),
    (r"(?i)toshiba tv|skyworth|\byundoo|transpeed", TELEVISION),
    (r"(?i)polar(?:line)?_|megamax|samtron|\blcd[ _]", TELEVISION),
    (r"(?i)[a-z] shell |nordmende|akai_|skyline_|rombica", TELEVISION),
    (r"(?i)\baosp on|\baosp tv|[ _]4k\b|\buhd\b|\b8k\b", TELEVISION),
    (r"(?i)s9(?:05|12|22)[xywd]?\d?\b|\bh61[68]\b|sdott|\bstb", TELEVISION),
    (rf"^(?:{_SIZE})[A-Z]{{1,}}\w*[-_]?\w*\d", TELEVISION),
    (rf"(?i:led|lcd|ltv|uhd|qled)[_-]?(?:{_SIZE})", TELEVISION),
    (rf"(?:^|[-_ ])[A-Z]{{0,4}}[-_]?(?:{_SIZE})[A-Z]{{1,6}}-?\d{{2,}}", TELEVISION),
    (rf"[-_](?:{_SIZE})[A-Z]{{2}}", TELEVISION),
    (r"(?i)\bpad\b|[a-z]pad\b|[a-z]pad[ _-]?\d|transformer|touchpad|\bpadfone", TABLET),
    (r"(?i)\btab(?:let)?\b|tab[ _-]|\btab[a-z]?\d|[a-z]tab\b", TABLET),
    (r"(?i)\btab[a-z]+\b|\bslate\b|iconia|\bxoom\b", TABLET),
    (r"(?i)streak|\bvenue|kindle|\bsm-[tpx]\d{3}", TABLET),
    (r"(?i)\bgt-p\d{4}|\bgt-n[58]\d{3}|sch-i[89]00|sgh-i987", TABLET),
    (r"(?i)nexus (?:7|9|10)\b|pixel (?:c\b|tablet|slate)", TABLET),
    (r"(?i)lenovo ?(?:tb|yt|a[13578]-|b[68]0|s6000)", TABLET),
    (r"(?i)\btb[ -]?\w?\d{3}|yoga|-w\d\d\b|\bshw-m[1345]80", TABLET),
    (r"(?i)sph-p\d|\birulu|\bnextbook|\bmid\d?\b", TABLET),
    (r"\b(?:KF[A-Z]{3,5}|AGS\d?-|BAH\d?-|KOB\d?-|SCMR?-|MRX-|DBY\d?-)\w*", TABLET),
    (r"\b(?:AGR-|BTV-|CPN-|SHT-|VRD-|JDN\d?-)\w*", TABLET),
    (r"\b(?:T1-[78]|S8-[37]0|S10-|ME[13]\d{2}|K0[01]\w\b|P0[012]\w\b)", TABLET),
    (r"\b(?:TF\d{3}|GT-P|LG-V\d{3}|V[45]\d\d\b)", TABLET),
    (r"\b(?:A[1357]-[78A]\d|B1-[78]|A[12]00\b|A[57]0[01]\b|SGP\d{3})", TABLET),
    (r"\b(?:PMT\d|PMP\d|TM\d{3,4}|TT\d{3})", TABLET),
    (r"(?i)archos (?:7|8|9|10|101|80|97)|\bnx\d\d\w\d", TABLET),
    (r"(?i)mid[-_]?\d|\bmomo\d|cube[ _-]?[ut]\d|teclast|pipo", TABLET),
    (r"(?i)chuwi|\bonda\b|\bviewpad|digma plane", TABLET),
    (r"(?i)prestigio pm|oysters t|irbis t|dexp ursus|\bqumo", TABLET),
    (r"(?i)\b(?:7|8|9|10|11|12)(?:\.\d)?(?:''|\"|inch| inch)|10\.1|wi-?fi$|_wifi|/apad", TABLET),
    (r"\bSM-[ACEFGJMNSW]\d", PHONE),
    (r"\b(?:GT-[IS]|SGH-|SCH-|SCV|SCG|SC-|RMX|CPH|XT\d{4}|LG-|LM-|XQ-|SO[V-]|SH[V-]|ASUS_)", PHONE),
    (r"(?i)redmi|\bpoco|\bmi (?:\d|note|max|a\d)|pixel \d", PHONE),
    (r"(?i)oneplus|\bmoto|nokia|\bhtc|tecno|infinix|itel|iqoo", PHONE),
    (r"\bM2\d{3}[A-Z]|^2\d{3,5}[A-Z0-9]{4,}|\bV\d{4}[A-Z]{0,2}\b", PHONE),
    (r"\bP[A-Z]{3}[0T]0$|-(?:AN|AL|TL|LX|NX|N|L)\d{1,2}[A-Z]?\b", PHONE),
    (r"\bNX\d{3}J|\b(?:iPhone|Xperia|C6\d{3}|SonyC6|D[56]\d{3}|XL39h)", PHONE),
    (r"(?i:zenfone|galaxy (?:s|note|a)\d)", PHONE),
)  # fmt: skip
"""What the name of a device of Android says of its kind."""

_BOX = (
    (r"(?i)box\b|box[ _-][a-z\d]|\bstick\b|streaming|dongle", TELEVISION),
    (r"(?i)philips|\btcl[ _-]|hitachi|[ _-]max\b|movie|media", TELEVISION),
    (rf"[A-Z](?:{_SIZE})[A-Z]{{1,5}}-?\d{{2,}}", TELEVISION),
    (r"(?i)\bdsp\b|\bauto\b|\bcar\b", CAR),
)  # fmt: skip
"""The same, where no `Mobile` speaks for a phone."""

_TABLET = re.compile(r"[Tt]ablet(?! PC)")
_OF_PHONES = re.compile(
    r"UCWEB|DoCoMo|KDDI|UP\.Browser|Opera Mini|Opera Mobi|/Screen-\d|MAUI|MIDP|Phone;|Mobile|mobile"
)

_MODEL = re.compile(
    r"(?:Android|Adr|Andr0id)[ /-]?[\d._]+(?:[;,) ]+|/)(?:U; ?)?(?:[a-z]{2}[-_][A-Za-z]{2}; ?)?"
    r"(?:HarmonyOS; ?)?([^;)]*)"
)
_BUILD = re.compile(r" ?(?:Build|MIUI)/.*$")

_SYSTEMS = {
    "watchOS": WATCH, "Wear OS": WATCH,
    "tvOS": TELEVISION, "webOS": TELEVISION, "VIDAA": TELEVISION, "TiVo OS": TELEVISION,
    "Whale OS": TELEVISION, "ViziOS": TELEVISION, "Roku OS": TELEVISION, "Orsay": TELEVISION,
    "Opera TV": TELEVISION, "Google TV": TELEVISION, "Android TV": TELEVISION, "WebTV": TELEVISION,
    "PlayStation": CONSOLE, "PlayStation Portable": CONSOLE, "Nintendo": CONSOLE,
    "Nintendo Mobile": CONSOLE,
    "KaiOS": PHONE, "Java ME": PHONE, "MRE": PHONE, "Mocor OS": PHONE, "Symbian OS": PHONE,
    "Nokia Series 40": PHONE, "Nokia Series 30 Plus": PHONE, "Bada": PHONE, "Brew": PHONE,
    "Windows Phone": PHONE, "Windows Mobile": PHONE, "Windows CE": PHONE, "BlackBerry OS": PHONE,
    "Sailfish OS": PHONE, "Maemo": PHONE, "MeeGo": PHONE, "Firefox OS": PHONE, "Tizen": PHONE,
    "BlackBerry Tablet OS": TABLET,
    "Windows": DESKTOP, "Mac OS X": DESKTOP, "Chrome OS": DESKTOP, "Ubuntu": DESKTOP,
    "Debian": DESKTOP, "Fedora": DESKTOP, "SUSE": DESKTOP, "FreeBSD": DESKTOP, "OpenBSD": DESKTOP,
    "NetBSD": DESKTOP, "DragonFly": DESKTOP, "Solaris": DESKTOP, "Haiku": DESKTOP,
    "AmigaOS": DESKTOP, "MorphOS": DESKTOP, "BeOS": DESKTOP, "OS/2": DESKTOP, "IRIX": DESKTOP,
    "OpenVMS": DESKTOP, "OSF1": DESKTOP, "RISC OS": DESKTOP, "Syllable": DESKTOP, "AIX": DESKTOP,
    "HP-UX": DESKTOP, "Linux": DESKTOP, "Inferno": DESKTOP,
}  # fmt: skip
"""What a system says where nothing else does."""

_ANDROIDS = frozenset({"Android", "Fire OS", "HarmonyOS", "OpenHarmony", "Meta Horizon", "PICO OS"})


@cache
def _said() -> Rules:
    return Rules(_SAID)


@cache
def _box() -> Rules:
    return Rules(_BOX)


@cache
def _of_android() -> Rules:
    return Rules(_OF_ANDROID)


def device_of(text: str, system: str) -> str:
    """Return the kind of device, or '' where the text does not say."""
    if system in _ANDROIDS:
        return _android(text)
    if said := _said().name(text):
        return "" if said == OTHER else said
    if system == "iOS":
        return _ios(text)
    if kind := _SYSTEMS.get(system, ""):
        return _tablet_of(text, kind, system)
    return PHONE if _OF_PHONES.search(text) else _as_ua_parser_says(text)


def _android(text: str) -> str:
    """Return the kind of a device of Android, by its name; else `Mobile` tells phones."""
    found = _MODEL.search(text)
    model = _BUILD.sub("", found[1]) if found else ""
    mobile = "Mobile" in text
    kind = _of_android().name(model) or ("" if mobile else _box().name(model)) or _said().name(text)
    if kind:
        return "" if kind == OTHER else kind
    if "; OpenHarmony" in text:
        return PHONE if "Phone;" in text else DESKTOP if "PC;" in text else TABLET
    if "/apad" in text or _TABLET.search(text):
        return TABLET
    if mobile or "Dalvik" in text or "AppleWebKit" not in text:
        return PHONE
    return TABLET


def _ios(text: str) -> str:
    if "iPad" in text:
        return TABLET
    if "iPhone" in text or "iPod" in text or "iPh" in text:
        return PHONE
    return ""


def _tablet_of(text: str, kind: str, system: str) -> str:
    if kind == DESKTOP and "Windows" in text and ("Tablet PC" not in text and "; ARM;" in text):
        return TABLET  # Windows RT
    if kind == DESKTOP and system == "Linux" and ("Mobile" in text or "UCWEB" in text):
        return PHONE
    if kind == PHONE and ("Tablet" in text or "PlayBook" in text):
        return TABLET
    return kind


def _as_ua_parser_says(text: str) -> str:
    """Return what the rules of the library `user_agents` make of ua-parser's device."""
    found = matchers().de.extract(text)
    agent: Any = UserAgent.__new__(UserAgent)
    agent.ua_string = text
    agent.device = SimpleNamespace(family=found.family if found else "Other")
    agent.os = SimpleNamespace(family="", version_string="")
    agent.browser = SimpleNamespace(family="")
    if agent.is_tablet:
        return TABLET
    if agent.is_mobile or agent.device.family in ("Generic Feature Phone", "Generic Smartphone"):
        return PHONE
    return DESKTOP if agent.is_pc else ""
