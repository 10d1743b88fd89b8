"""AI crawlers and agents: what each is called, who runs it, and what it fetches pages for.

Facts are those that the operators publish about their user agents.
"""

from typing import Literal, NamedTuple

Purpose = Literal["training", "index", "person"]
"""To train models, for a search or an answer engine, or on behalf of a person who asked for it."""


class AiAgent(NamedTuple):
    """A crawler or agent; `name` stands in its user agent as it is written here."""

    name: str
    operator: str
    purpose: Purpose


AI_AGENTS: tuple[AiAgent, ...] = (
    AiAgent("GPTBot", "OpenAI", "training"),
    AiAgent("OAI-SearchBot", "OpenAI", "index"),
    AiAgent("ChatGPT-User", "OpenAI", "person"),
    AiAgent("ClaudeBot", "Anthropic", "training"),
    AiAgent("anthropic-ai", "Anthropic", "training"),
    AiAgent("Claude-SearchBot", "Anthropic", "index"),
    AiAgent("Claude-User", "Anthropic", "person"),
    AiAgent("Claude-Web", "Anthropic", "person"),
    AiAgent("Google-CloudVertexBot", "Google", "index"),
    AiAgent("Google-NotebookLM", "Google", "person"),
    AiAgent("Google-GeminiNotebook", "Google", "person"),
    AiAgent("Gemini-Deep-Research", "Google", "person"),
    AiAgent("GoogleAgent-Mariner", "Google", "person"),
    AiAgent("Google-Agent", "Google", "person"),
    AiAgent("PerplexityBot", "Perplexity", "index"),
    AiAgent("Perplexity-User", "Perplexity", "person"),
    AiAgent("meta-externalagent", "Meta", "training"),
    AiAgent("FacebookBot", "Meta", "training"),
    AiAgent("meta-webindexer", "Meta", "index"),
    AiAgent("meta-externalfetcher", "Meta", "person"),
    AiAgent("Amazonbot", "Amazon", "training"),
    AiAgent("Amzn-SearchBot", "Amazon", "index"),
    AiAgent("Amzn-User", "Amazon", "person"),
    AiAgent("AmazonBuyForMe", "Amazon", "person"),
    AiAgent("Amazon-Bedrock-AgentCore-Browser", "Amazon", "person"),
    AiAgent("NovaAct", "Amazon", "person"),
    AiAgent("Applebot", "Apple", "index"),
    AiAgent("AzureAI-SearchBot", "Microsoft", "index"),
    AiAgent("Bytespider", "ByteDance", "training"),
    AiAgent("TikTokSpider", "ByteDance", "index"),
    AiAgent("CCBot", "Common Crawl", "training"),
    AiAgent("cohere-training-data-crawler", "Cohere", "training"),
    AiAgent("MistralAI-User", "Mistral AI", "person"),
    AiAgent("MistralAI-Index", "Mistral AI", "index"),
    AiAgent("DuckAssistBot", "DuckDuckGo", "person"),
    AiAgent("YouBot", "You.com", "index"),
    AiAgent("PhindBot", "Phind", "index"),
    AiAgent("iaskspider", "iAsk", "index"),
    AiAgent("Andibot", "Andi", "index"),
    AiAgent("Bravebot", "Brave", "index"),
    AiAgent("Diffbot", "Diffbot", "training"),
    AiAgent("AI2Bot", "Allen Institute for AI", "training"),
    AiAgent("PanguBot", "Huawei", "training"),
    AiAgent("ChatGLM-Spider", "Zhipu AI", "training"),
    AiAgent("KimiBot", "Moonshot AI", "training"),
    AiAgent("Kimi-SearchBot", "Moonshot AI", "index"),
    AiAgent("Kimi-User", "Moonshot AI", "person"),
    AiAgent("Manus-User", "Manus", "person"),
    AiAgent("Timpibot", "Timpi", "index"),
    AiAgent("ImagesiftBot", "Hive", "training"),
    AiAgent("omgili", "Webz.io", "training"),
    AiAgent("Webzio-Extended", "Webz.io", "training"),
    AiAgent("img2dataset", "img2dataset (a program for data sets)", "training"),
    AiAgent("ICC-Crawler", "NICT", "training"),
    AiAgent("Cloudflare-AutoRAG", "Cloudflare", "index"),
    AiAgent("IsonAI-User", "Ison", "person"),
    AiAgent("WRTNBot", "Wrtn", "training"),
)  # fmt: skip
