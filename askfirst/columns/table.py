"""The columns of an event, one a line: value, place, purpose, dimension, words.

A new line is all that a new column needs. The stored tables, enrichment, the column filter, the
policy's list, the overview, a visitor's page and file, and erasure follow from it.
"""

from askfirst.columns.column import Column, Listed

COLUMNS: tuple[Column, ...] = (
    Column("site_id", "site", "key", "", "", purpose="", type="int32"),
    Column(
        "event_id", "entry.event_id", "key", "Event number",
        "A random number, so that nothing is recorded twice.",
    ),
    Column(
        "kind", "entry.kind", "key", "What happened",
        "Whether a page was opened, loaded or read, or you followed a link, sent a form or did"
        " something else.",
    ),
    Column(
        "time", "time", "key", "Time", "When it happened, by our clock.", type="timestamp(6)",
    ),
    Column(
        "visitor_id", "entry.visitor_id", "key", "Visitor number",
        "A random number made when you accept. It holds nothing about you and is used on this"
        " website only.",
    ),
    Column(
        "visit_id", "visit", "key", "Visit number",
        "A random number that joins the pages of one visit.",
    ),
    Column(
        "consent_id", "entry.consent_id", "key", "Consent",
        "The number of the consent that allows this entry.",
    ),
    Column(
        "policy_version", "entry.policy_version", "key", "Policy version",
        "The version of this policy that you accepted.", type="int32",
    ),
    Column(
        "host", "page.host", "event", "Website address",
        "The host name of the website you visited.",
    ),
    Column(
        "path", "page.path", "event", "Page",
        "The address of the page, without what follows a question mark.",
        dimension=1, by="views", listed=Listed("pages", "Pages", "pages", "path"),
    ),
    Column(
        "query", "parameters", "event", "Rest of the address",
        "What follows the question mark, only as far as it tells pages of this website apart.",
    ),
    Column(
        "title", "facts.title", "event", "Page title",
        "The title of the page, as its tab shows it.",
    ),
    Column(
        "canonical", "facts.canonical", "event", "Main address of the page",
        "The address that the page names as its own, where it is another one.",
    ),
    Column(
        "status", "facts.status", "number", "Page found or not",
        "The number with which the website answered, such as 404 for a page that does not exist.",
        type="int32",
    ),
    Column(
        "referrer", "entry.referrer", "event", "Page before",
        "The address of the page from which you came, if your browser passes it on.",
    ),
    Column(
        "referrer_host", "referrer_host", "event", "Website before",
        "The website from which you came.",
        dimension=4, by="visits", called="referrer",
        listed=Listed("referrers", "Referrers", "sources", "referrer", heading="Site"),
    ),
    Column(
        "utm_source", "query.utm_source", "event", "Campaign source",
        "Where a marked link stood, as the link itself says.",
    ),
    Column(
        "utm_medium", "query.utm_medium", "event", "Campaign medium",
        "What kind of link it was, as the link itself says.",
    ),
    Column(
        "utm_campaign", "query.utm_campaign", "event", "Campaign name",
        "The campaign, as the link itself says.",
    ),
    Column(
        "utm_term", "query.utm_term", "event", "Campaign term",
        "The search words for which a marked link was bought, as the link itself says.",
    ),
    Column(
        "utm_content", "query.utm_content", "event", "Campaign content",
        "Which of several marked links it was, as the link itself says.",
    ),
    Column(
        "click_id", "facts.click_id", "event", "Kind of advertisement",
        "Which advertising service marked the link that you followed. The mark itself, which could"
        " identify you, is not kept.",
    ),
    Column(
        "source", "facts.source", "event", "Source",
        "From which service you came, for example a search engine.",
        dimension=11, by="visits", listed=Listed("sources", "Sources", "sources", "source"),
    ),
    Column(
        "channel", "facts.channel", "event", "Channel",
        "What kind of source that is: search, social network, e-mail, advertisement and so on.",
        dimension=12, by="visits", listed=Listed("channels", "Channels", "sources", "channel"),
    ),
    Column(
        "link_url", "entry.link_url", "event", "Link followed",
        "The address of a link that you followed.",
        dimension=5, by="clicks", called="link",
        listed=Listed("clicks", "Links", "links", "link", heading="Link"),
    ),
    Column(
        "link_kind", "entry.link_kind", "event", "Kind of link",
        "Whether the link led within the website, to another one, to a download, to an e-mail"
        " address or to a telephone number.",
    ),
    Column(
        "engaged_ms", "facts.engaged_ms", "number", "Reading time",
        "How long the page was in front of you.", type="int32",
    ),
    Column(
        "scroll_from", "facts.scroll_from", "number", "Scrolled before",
        "How far down you had been on the page before.", type="int32",
    ),
    Column(
        "scroll", "facts.scroll", "number", "Scrolled to", "How far down the page you have been.",
        type="int32",
    ),
    Column(
        "lcp_ms", "facts.lcp_ms", "number", "Loading time",
        "How long the largest part of the page took to appear (LCP).", type="int32",
    ),
    Column(
        "inp_ms", "facts.inp_ms", "number", "Response time",
        "How long the page took to respond to clicks and keys (INP).", type="int32",
    ),
    Column(
        "cls", "facts.cls", "number", "Layout shift",
        "How much parts of the page moved while it loaded (CLS).", type="int32",
        in_thousandths=True,
    ),
    Column(
        "ttfb_ms", "facts.ttfb_ms", "number", "Server time",
        "How long the website took to begin its answer (TTFB).", type="int32",
    ),
    Column(
        "form", "facts.form", "event", "Form sent",
        "Which form you sent, by its name on the page. Nothing of what you wrote in it.",
    ),
    Column(
        "event_name", "facts.event_name", "event", "Action",
        "What you did, where this website marks it, for example “play”.",
    ),
    Column(
        "event_props", "facts.event_props", "event", "Details of the action",
        "What this website notes about such an action, for example which video it was.",
    ),
    Column(
        "amount", "facts.amount", "number", "Amount", "How much you paid or donated.",
        type="int64", purpose="revenue", in_thousandths=True,
    ),
    Column(
        "currency", "facts.currency", "event", "Currency", "In which currency that was.",
        purpose="revenue",
    ),
    Column(
        "ip", "entry.ip", "profile", "IP address",
        "The internet address of your connection, whole.",
    ),
    Column(
        "country", "entry.country", "profile", "Country",
        "The country of your internet address, looked up on our own server.",
        dimension=6, listed=Listed("countries", "Countries", "people", "country"),
    ),
    Column(
        "region", "facts.region", "profile", "Region",
        "The region of your internet address, looked up on our own server.",
    ),
    Column(
        "city", "facts.city", "profile", "City",
        "The approximate city of your internet address, looked up on our own server.",
    ),
    Column(
        "browser", "agent.browser", "profile", "Browser",
        "The name of your browser. Your browser describes itself with every request; we read what"
        " is named here and do not keep the rest.",
        dimension=7, listed=Listed("browsers", "Browsers", "technology"),
    ),
    Column(
        "browser_version", "agent.browser_version", "profile", "Browser version",
        "The version of your browser.",
    ),
    Column(
        "browser_variant", "agent.browser_variant", "profile", "Kind of browser",
        "For example its form for phones, or the app in which it opened the page.",
    ),
    Column(
        "os", "agent.os", "profile", "Operating system", "For example Windows or Android.",
        dimension=8, listed=Listed(
            "operating-systems", "Operating systems", "technology", heading="System", tab="Systems"
        ),
    ),
    Column(
        "os_version", "agent.os_version", "profile", "Operating system version",
        "The version of your operating system.",
    ),
    Column(
        "device", "agent.device", "profile", "Device",
        "Whether it is a computer, a phone, a tablet, a television, a game console, a watch, a car"
        " or a reader.",
        dimension=9, listed=Listed("devices", "Devices", "technology", "device"),
    ),
    Column(
        "language", "language", "profile", "Language",
        "The language that your browser prefers most.",
        dimension=10, listed=Listed("languages", "Languages", "people", "language"),
    ),
    Column(
        "languages", "languages", "profile", "All languages",
        "The languages that your browser asks for, in their order.",
    ),
    Column(
        "screen", "facts.screen", "profile", "Screen size",
        "The width and height of your screen.",
    ),
    Column(
        "bot_rule", "entry.rule", "profile", "Taken for a program",
        "Why your browser was taken for a program that reads pages by itself, if it was. Such"
        " entries are left out of the reports.",
    ),
    # What the owner's rules for the reports made of an event (askfirst/rules): host, path and
    # source as they were recorded, where the reports call them otherwise, and by which rule it is
    # left out. Both say no more than columns do that the policy names.
    Column("original", "facts.original", "event", "", "", purpose=""),
    Column("excluded", "facts.excluded", "number", "", "", purpose="", type="int32"),
)  # fmt: skip
"""The columns, in the order that batches, exports and policies have. An unknown text is ''."""
