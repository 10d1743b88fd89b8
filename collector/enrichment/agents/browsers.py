"""Browsers: one name for each family, the variant, and the version."""

from collector.enrichment.agents.matchers import MATCHERS
from collector.enrichment.agents.rules import Rules, version_of

_V = r"/v?(\d+)?(?:\.(\d+))?(?:\.(\d+))?"
"""A version behind the first group, which is a name; the slash tells it from that of a device."""
_W = r"[ /]?v?(\d+)?(?:\.(\d+))?(?:\.(\d+))?"
"""The same where the slash may be missing."""

_OURS = (
    (rf"(YaBrowser|YaSearchBrowser|YaSearchApp){_V}", "Yandex Browser"),
    (rf"(YandexSearch|YaApp_\w+|YandexBrowser){_V}", "Yandex Browser"),
    (rf"(Quark|QuarkPC){_V}", "Quark"),
    (rf"(MZBrowser|MeizuBrowser){_V}", "Meizu Browser"),
    (rf"(TV Bro){_V}", "TV Bro"),
    (rf"(Tbrowser|T-Browser){_V}", "T-Browser"),
    (rf"(LG Browser){_V}", "LG Browser"),
    (rf"(Odin){_W}", "Odin"),
    (rf"(OPR){_V}", "Opera"),
    (rf"(OPX|OPT|OperaGX){_V}", "Opera"),
    (r"\bOMI/|VewdBrowser", "Opera"),
    (rf"(Puffin){_V}", "Puffin"),
    (rf"(SRAF|Seraphic|sraf_tv_browser){_V}", "Seraphic Sraf"),
    (rf"(SogouMobileBrowser){_V}", "Sogou Mobile Browser"),
    (rf"(MetaSr){_V}", "Sogou Explorer"),
    (r"; SE 2\.", "Sogou Explorer"),
    (rf"(Nuanti(?:Meta)?){_W}", "Nuanti Meta"),
    (rf"(NintendoBrowser){_V}", "Nintendo Browser"),
    (r"PlayStation Vita.*(Silk)/(\d+)(?:\.(\d+))?", "Amazon Silk"),
    (rf"(NetFront(?: NX)?|NF){_W}", "NetFront"),
    (r"(?i)PlayStation [45]\b", "PlayStation Browser"),
    (r"(?i)PlayStation ?[23]|PlayStation(?: Portable)?[;)]", "NetFront"),
    (rf"(GOGGalaxyClient|GOG Galaxy){_V}", "GOG Galaxy"),
    (rf"(VMS_Mosaic){_V}", "VMS Mosaic"),
    (rf"(Quick Search TV){_V}", "Quick Search TV"),
    (rf"(GOBrowser|GoBrowser|GO Browser){_V}", "GO Browser"),
    (rf"(Lite Browser){_V}", "Lite Browser"),
    (rf"(BDSpark|Spark){_V}\S* Safari|BDSpark", "Baidu Spark"),
    (rf"(BIDUBrowser|baidubrowser|BaiduHD){_V}", "Baidu Browser"),
    (rf"(MiuiBrowser){_V}", "Mi Browser"),
    (rf"(HiBrowser){_V}", "HiBrowser"),
    (r"(Odd)/(\d+)(?:\.(\d+))?", "Odd Browser"),
    (rf"(webissimo|Ordissimo){_W}", "Ordissimo"),
    (rf"(AOL|America Online Browser){_W};", "AOL Explorer"),
    (rf"(WIB|Wear Internet Browser){_W}", "Wear Internet Browser"),
    (r"(?i)MAUI[ _-]?(?:WAP)?[ _-]?Browser|WAP[ _]Browser(?:/|_.*)MAUI", "MAUI WAP Browser"),
    (rf"(Dorado)(?: WAP-Browser)?{_W}", "Dorado"),
    (r"(DoCoMo)/(\d+)(?:\.(\d+))?", "DoCoMo"),
    (rf"(UP\.Browser|Openwave){_W}", "Openwave"),
    (rf"(Maple){_W}", "Maple"),
    (rf"(Kylo){_V}", "Kylo"),
    (rf"(w3m){_V}", "w3m"),
    (rf"(NetSurf){_V}", "NetSurf"),
    (rf"(Edge|Edg|EdgA|EdgiOS){_V}", "Edge"),
    (rf"(PicoBrowser){_W}", "PICO Browser"),
    (rf"(OculusBrowser){_V}", "Oculus Browser"),
    (rf"(Brave(?: Chrome)?){_W}", "Brave"),
    (rf"(Vivaldi){_V}", "Vivaldi"),
    (r"bdhonorbrowser|HonorBrowser|HONORBrowser", "Honor Browser"),
    (rf"(SznProhlizec){_V}", "Seznam Browser"),
    (rf"(LieBaoFast|LBBROWSER){_V}", "LieBao"),
    (rf"(QHBrowser|360SE|360EE|360 ?Aphone Browser|360browser|QihooBrowser){_W}", "360 Browser"),
    (rf"(Soul){_V}\S* Chrome", "Soul Browser"),
    (rf"(ABB){_V}", "AdBlock Browser"),
    (rf"(DuckDuckGo|Ddg){_V}", "DuckDuckGo"),
    (r"(Ecosia) [a-z]+@(\d+)(?:\.(\d+))?(?:\.(\d+))?", "Ecosia"),
    (rf"(FxiOS|Focus|Klar|Fennec|Firebird|Phoenix/0|Minefield|Namoroka|Shiretoko){_V}", "Firefox"),
    (rf"(Tizen)[ \d.]+.*Version{_V}.*Safari", "Tizen Browser"),
    (rf"(?i)(QtWebEngine){_V}", "QtWebEngine"),
    (rf"(WebPositive|Webpositive){_V}", "WebPositive"),
    (rf"(AmigaVoyager){_V}", "Amiga Voyager"),
    (rf"(IBrowse){_W}", "IBrowse"),
    (rf"(Oregano){_W}", "Oregano"),
    (rf"(ABrowse){_W}", "ABrowse"),
    (rf"(ANTFresco|ANT Fresco){_V}", "ANT Fresco"),
    (rf"(NetPositive){_V}", "NetPositive"),
    (rf"(OffByOne){_W}", "Off By One"),
    (rf"(OmniWeb){_W}", "OmniWeb"),
    (rf"(?i)(Amaya){_V}", "Amaya"),
    (r"Linux like Android.*(PocketBook)/(\d+)", "PocketBook Browser"),
    (rf"(?i)(nook browser){_V}", "Nook Browser"),
    (rf"(MIB){_V}", "Motorola Internet Browser"),
    (rf"(ybrowser){_V}", "Yahoo! Japan Browser"),
    (rf"(coc_coc_browser|CocCoc){_V}", "Coc Coc"),
    (r"^(Safari)/?(\d+)(?:\.(\d+))?\S* CFNetwork", "Safari"),
    (r"com\.apple\.WebKit\.|SafariViewService|MobileSafari/", "Safari"),
)  # fmt: skip
"""What ua-parser does not know or takes for another browser; the first that is found counts."""

_PLAIN = (
    (rf"(?i)(Opera Mini){_W}", "Opera Mini"),
    (rf"(?i)(Opera){_W}", "Opera"),
    (rf"(?i)(Firefox){_W}", "Firefox"),
    (rf"(?i)(Chromium|Chr[o0]me|CrMo|CriOS){_W}", "Chrome"),
    (rf"(?i)(MSIE|Trident){_W}", "Internet Explorer"),
    (r"(?i)(Android).*AppleWebKit|AppleWebKit.*(Android)", "Android Browser"),
    (r"(?i)(?:Macintosh|iPhone|iPad|iPod).*AppleWebKit", "Safari"),
    (rf"(?i)(Safari){_W}", "Safari"),
)
"""The engines' own names, where no name of a browser is known."""

_APPS = (
    (r"MessengerForiOS|Orca-Android|FBAN/Messenger|MessengerLite", "Messenger"),
    (r"FBAN|FBAV|FB_IAB|MetaIAB Facebook", "Facebook"),
    (r"Instagram|MetaIAB Instagram", "Instagram"),
    (r"Barcelona \d", "Threads"),
    (r"musical_ly|TikTok|trill_|BytedanceWebview|Bytedance|aweme", "TikTok"),
    (r"MicroMessenger|WeChat", "WeChat"),
    (r"\bLine/\d", "LINE"),
    (r"KAKAOTALK", "KakaoTalk"),
    (r"NAVER\(inapp", "NAVER"),
    (r"Snapchat", "Snapchat"),
    (r"\[?Pinterest/", "Pinterest"),
    (r"Twitter(?: for|Android|/\d)", "Twitter"),
    (r"LinkedInApp|\[LinkedIn", "LinkedIn"),
    (r"WhatsApp", "WhatsApp"),
    (r"Viber", "Viber"),
    (r"Telegram|TelegramBot", "Telegram"),
    (r"Discord/", "Discord"),
    (r"Slack[_/]", "Slack"),
    (r"Teams/\d|TeamsMobile", "Microsoft Teams"),
    (r"Reddit/", "Reddit"),
    (r"Weibo", "Weibo"),
    (r"AlipayClient|AliApp", "Alipay"),
    (r"baiduboxapp|bdapp/", "Baidu"),
    (r"VKAndroidApp|VKClient", "VK"),
    (r"\bGSA/", "Google"),
    (r"Flipboard", "Flipboard"),
    (r"Electron/", "Electron"),
)
"""Apps that show pages in a browser of the system, and what they say there."""

MOBILE = "mobile"
WEBVIEW = "webview"
HEADLESS = "headless"
LITE = "lite"

_FAMILIES: dict[str, tuple[str, str]] = {
    "Android": ("Android Browser", ""),
    "Chrome Mobile": ("Chrome", MOBILE),
    "Chrome Mobile iOS": ("Chrome", MOBILE),
    "Chrome Mobile WebView": ("Chrome", WEBVIEW),
    "HeadlessChrome": ("Chrome", HEADLESS),
    "Mobile Safari": ("Safari", MOBILE),
    "Mobile Safari UI/WKWebView": ("Safari", WEBVIEW),
    "WebKit Nightly": ("Safari", ""),
    "Firefox Mobile": ("Firefox", MOBILE),
    "Firefox iOS": ("Firefox", MOBILE),
    "Firefox Alpha": ("Firefox", ""),
    "Firefox Beta": ("Firefox", ""),
    "GranParadiso": ("Firefox", ""),
    "Bon Echo": ("Firefox", ""),
    "Minefield": ("Firefox", ""),
    "Namoroka": ("Firefox", ""),
    "Shiretoko": ("Firefox", ""),
    "Edge Mobile": ("Edge", MOBILE),
    "IE": ("Internet Explorer", ""),
    "IE Mobile": ("Internet Explorer", MOBILE),
    "IE Large Screen": ("Internet Explorer", ""),
    "Opera Mobile": ("Opera", MOBILE),
    "Opera Tablet": ("Opera", MOBILE),
    "Opera Touch": ("Opera", MOBILE),
    "Opera Coast": ("Opera", MOBILE),
    "Opera Neon": ("Opera", ""),
    "Opera GX": ("Opera", ""),
    "QQ Browser Mobile": ("QQ Browser", MOBILE),
    "QQ Browser Mini": ("QQ Browser", LITE),
    "MiuiBrowser": ("Mi Browser", MOBILE),
    "Epiphany": ("GNOME Web", ""),
    "DuckDuckGo Mobile": ("DuckDuckGo", MOBILE),
    "UP.Browser": ("Openwave", ""),
    "Open Wave": ("Openwave", ""),
    "Teleca Browser": ("Obigo", ""),
    "VivoBrowser": ("vivo Browser", MOBILE),
    "HeyTap Browser": ("HeyTap Browser", MOBILE),
    "Ecosia Android": ("Ecosia", MOBILE),
    "Ecosia iOS": ("Ecosia", MOBILE),
    "iBrowser Mini": ("iBrowser", LITE),
    "NetFront NX": ("NetFront", ""),
    "Avant": ("Avant Browser", ""),
    "Qt Web Engine": ("QtWebEngine", ""),
    "Aloha": ("Aloha Browser", ""),
    "Whale": ("Whale Browser", ""),
    "Nokia Services (WAP) Browser": ("Nokia Browser", ""),
    "Nokia OSS Browser": ("Nokia Browser", ""),
    "Seznam prohlížeč": ("Seznam Browser", ""),
    "Firefox (Shiretoko)": ("Firefox", ""),
    "Firefox (Namoroka)": ("Firefox", ""),
    "Firefox (Minefield)": ("Firefox", ""),
    "Mobile Safari UI": ("Safari", WEBVIEW),
}
"""Families of ua-parser that are one browser, as its family and its variant."""


_NO_BROWSER = frozenset({"", "Other", "HbbTV", "CFNetwork", "SmartTV WebBrowser"})
"""What ua-parser says of some user agents instead of the browser that they name."""
_SYSTEMS_OWN = frozenset({"Chrome", "Safari", "Android Browser"})
"""The browsers that apps show pages in."""
_APPS_OF_UA_PARSER = frozenset({
    "Facebook", "Facebook Messenger", "Instagram", "Snapchat", "TikTok", "WeChat Browser", "LINE",
    "KakaoTalk", "Twitter", "Pinterest", "LinkedIn", "Google", "Weibo", "Telegram", "WhatsApp",
    "Microsoft Teams", "Slack Desktop Client", "Electron", "BytedanceWebview", "baiduboxapp",
    "Discord", "Reddit", "Flipboard", "Mobile Safari UI/WKWebView", "Chrome Mobile WebView",
})  # fmt: skip
"""Families of ua-parser that are an app around a browser of the system."""


_OF_BOTS = frozenset({
    *(family for family, _ in _FAMILIES.values()), *(name for _, name in _PLAIN),
    "Samsung Internet", "UC Browser", "Konqueror", "Sogou Explorer", "Maxthon", "SeaMonkey",
    "Amazon Silk", "Mozilla", "Lynx", "Links", "ELinks", "Dillo", "PhantomJS", "Electron",
})  # fmt: skip
"""The browsers of ua-parser that a bot may use, or say that it uses; its own name is none."""


_OURS_RULES = Rules(_OURS)
_PLAIN_RULES = Rules(_PLAIN)
_APPS_RULES = Rules(_APPS)


def browser_of(text: str, is_bot: bool = False) -> tuple[str, str, str]:
    """Return the family, the variant and the version of the browser; ''.

    Of a bot, only a browser counts: ua-parser calls others `GPTBot` or, by the address of
    `+https://example.com/bot`, `com/bot`.
    """
    name, version = _OURS_RULES.named(text)
    if name:
        return name, _variant(text), version
    found = MATCHERS.ua.extract(text)
    name = found.family if found else ""
    if name in _NO_BROWSER or name.endswith(" bot") or (name == "Android" and "Chrome/" in text):
        name, version = _PLAIN_RULES.named(text)
        return name, _variant(text) if name else "", version
    family, variant = _FAMILIES.get(name, (name, ""))
    if is_bot and family not in _OF_BOTS:
        name, version = _PLAIN_RULES.named(text)
        return name, _variant(text) if name else "", version
    if (family in _SYSTEMS_OWN or name in _APPS_OF_UA_PARSER) and (app := _APPS_RULES.name(text)):
        plain, version = _PLAIN_RULES.named(text)
        return plain, app, version
    return family, variant or _variant(text), version_of(found)


def _variant(text: str) -> str:
    if "(lite)" in text or "UCMini" in text:
        return LITE
    return MOBILE if "Mobi" in text else ""
