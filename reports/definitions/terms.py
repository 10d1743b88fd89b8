"""What each figure means, in plain words, and what it is in the example.

The facts are those of docs/definitions.md, which says every case.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A figure: its anchor on the page, its name, what it means, and the example's answer."""

    anchor: str
    name: str
    words: str
    counted: str
    """What it is in the example."""
    why: str
    """How that is counted by hand."""


TERMS = (
    Term(
        "visitors",
        "Visitors",
        "Different people, as far as a browser can tell, who agreed and did something in the "
        "period. Each counts once, on however many days, so days do not add up to a week. "
        "Somebody with two browsers is two visitors, and whoever said no is none.",
        "3",
        "Anna, Bert and Cleo.",
    ),
    Term(
        "visits",
        "Visits",
        "What one visitor does until nothing comes for half an hour (or as long as the server is "
        "set to), and for 24 hours at most. A visit counts as a whole where it began, also what of "
        "it comes after midnight.",
        "4",
        "Anna’s second visit begins at 09:40, 34 minutes after her last event.",
    ),
    Term(
        "views",
        "Page views",
        "Pages that were opened, each time anew.",
        "7",
        "Three of Anna, one of Bert, three of Cleo.",
    ),
    Term(
        "views-per-visit",
        "Views per visit",
        "Page views of the period, divided by its visits.",
        "1.75",
        "7 page views in 4 visits.",
    ),
    Term(
        "bounces",
        "Bounce rate",
        "The share of visits with a single page view and nothing else: no click on a link, no form "
        "sent, no action that the website names. How long the page was read does not matter.",
        "50.0%",
        "Anna’s second visit and Bert’s: 2 of 4.",
    ),
    Term(
        "engaged",
        "Engaged time",
        "How long pages were in sight and in use, for each visit. A page in a tab behind another "
        "one, or in front of nobody, does not count. Visits of which no reading is known count "
        "as 0.",
        "30s",
        "40, 20, 30 and 30 seconds are 120, in 4 visits.",
    ),
    Term(
        "entry",
        "Entry page",
        "The first page that a visit viewed.",
        "/ 3, /shop 1",
        "Two visits of Anna and that of Cleo began at /, Bert’s at /shop.",
    ),
    Term(
        "exit",
        "Exit page",
        "The last page that a visit viewed. A visit of one page has the same entry and exit.",
        "/shop 2, / 1, /thanks 1",
        "Anna’s first visit and Bert’s ended at /shop.",
    ),
    Term(
        "source",
        "Source",
        "The website, app or campaign from which a visit came, by its first page view. Where a "
        "browser says nothing, as for a typed address or a bookmark, it is “Direct, or not "
        "recorded”.",
        "Direct, or not recorded 2, Google 1, news.example 1",
        "Anna’s second visit and Cleo’s came from nowhere that is known.",
    ),
    Term(
        "channel",
        "Channel",
        "What kind of way a source is: a search engine, a social network, email, an advertisement, "
        "another website. The owner of a site can add rules of their own.",
        "Direct 2, Other websites 1, Search 1",
        "Google is a search engine, news.example another website.",
    ),
    Term(
        "consent-rate",
        "Consent rate",
        "The share of page loads that were recorded, because the visitor had said yes. Each load "
        "of the tag adds one to a number, whatever the visitor says, with no identifier. Counted "
        "by UTC day. Views of imported logs are not in it: their pages load no tag. Whoever "
        "restricts the use of the data is in no figure of what was recorded: their loads stand "
        "together with those after a no, and are not told apart.",
        "35%",
        "7 page views were recorded of 20 page loads.",
    ),
    Term(
        "now",
        "Here now",
        "Visitors with an event in the last five minutes, each on the last page. Whoever reads on "
        "for longer, without a click or another page, is not here any more.",
        "1",
        "At 11:08 only Cleo had an event in the last five minutes.",
    ),
    Term(
        "estimate",
        "Estimate for all page loads",
        "Each day’s recorded number divided by the share of page loads recorded that day, with the "
        "range in which it lies in 95 of 100 cases. It takes those who refused to be like those "
        "who agreed, which nobody can know.",
        "about 11",
        "4 visits, divided by the share of loads that were recorded: 7 of 20.",
    ),
    Term(
        "conversion",
        "Conversion",
        "The share of the visitors of a period who reached a goal, once or more often.",
        "33.3%",
        "Of three visitors Cleo reached the goal, the page /thanks.",
    ),
    Term(
        "return",
        "Return",
        "Visitors who came for the first time ever in a day, week or month are a cohort. The table "
        "says which share of each cohort came back so many days, weeks or months later.",
        "3 new",
        "Anna, Bert and Cleo came for the first time.",
    ),
    Term(
        "change",
        "Change",
        "How much more or less a figure is than on the days it is compared with. Where those are "
        "more or fewer, as January has more days than February, counts are compared per day. "
        "Visitors are not where the days differ by more than an eighth: who comes on several "
        "days counts once, so more days have fewer visitors each. "
        "Shares and means are compared as they are, and shares in percentage points.",
        "50% fewer visits",
        "The empty day before and this one, against this one alone: 4 visits in two days, and 4 in "
        "one, which are 8 in two.",
    ),
)
