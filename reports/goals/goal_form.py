"""The form of a goal: added, changed, deleted, and tried on the last 30 days before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

import pandas as pd
from babel.numbers import is_currency
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.clock import as_datetime
from askfirst.errors import NotFound
from askfirst.sites import Site
from askfirst.store.ledger.goals import MOST_GOALS, Deed, Goal, GoalBook, ValueFrom
from askfirst.store.warehouse.filters.conditions import Segment
from askfirst.store.warehouse.logical.scope import raw
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.goals.deeds import (
    NO_AMOUNTS,
    WHAT_WORDS,
    fault_of_deed,
    fault_of_name,
    tells_amounts,
)
from reports.goals.figures import Reached
from reports.goals.goals import TAB, matchers_of, reached_of_window
from reports.http.forms import BAD_INPUT, Form
from reports.http.row_numbers import number_in_path
from reports.questions.goals.goal_texts import goal_texts
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.kept import kept_query, kept_shell
from reports.url.links import Address
from reports.url.periods import read_period
from reports.url.report_view import ReportView

PREVIEW_ROWS = 5
LARGEST_AMOUNT = Decimal(1_000_000_000)
TOO_MANY = f"A site has at most {MOST_GOALS} goals. Delete one first."
VALUES = {
    "": "No value",
    "fixed": "The same each time",
    "event": "The amount that comes with the event",
}
LABELS = {
    "name": "Name",
    "what": "A visitor",
    "pattern": "Which",
    "value": "Value",
    "amount": "Amount",
    "currency": "Currency",
}


@dataclass(frozen=True)
class Preview:
    """What a goal would have counted in the last 30 days, and what it was found in."""

    reached: Reached
    visitors: int
    texts: tuple[tuple[str, int], ...]
    """The pages, links, forms or events that fit, and how often they happened; some of them."""


@dataclass(frozen=True)
class GoalFormPage:
    """`goal_form.html`: the fields of a goal, and what it would have counted."""

    shell: Shell
    action: str
    """Where the form is sent."""
    delete: str
    """Where the form that deletes the goal is sent; '' for a new one."""
    typed: Mapping[str, str]
    """What the fields hold."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    labels: Mapping[str, str]
    """The labels of the fields, by name."""
    whats: Mapping[str, str]
    """What a goal can ask for: name and words."""
    values: Mapping[str, str]
    """Where a value can come from: name and words."""
    preview: Preview | None
    """What it would have counted; None before that is asked."""


class GoalFormHandler:
    """Serves `/sites/KEY/goals/new` and `/sites/KEY/goals/NUMBER/edit`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._book = GoalBook(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the form."""
        base, guard = "/sites/{key}/goals", self._guard
        found = []
        for path in (f"{base}/new", f"{base}/{{number}}/edit"):
            found += [
                Route(path, guard.page(self._page), methods=["GET"]),
                Route(path, guard.action(self._sent), methods=["POST"]),
            ]
        delete = Route(f"{base}/{{number}}/delete", guard.action(self._delete), methods=["POST"])
        return [*found, delete]

    async def _page(self, request: Request, session: Session) -> Response:
        goal = await self._goal(request)
        typed = _typed(goal) if goal.id else _typed(goal) | _asked(request)
        return await self._shown(request, session, typed, {})

    async def _sent(self, request: Request, session: Session, form: Form) -> Response:
        site, known = self._deps.site(request), await self._goal(request)
        typed = {name: form.get(name, "") for name in LABELS}
        goal, errors = read_goal(typed, site)
        if errors:
            return await self._shown(request, session, typed, errors)
        if form.get("do") == "preview":
            preview = await self._preview(site, goal)
            return await self._shown(request, session, typed, {}, preview)
        async with self._deps.ledger.write() as connection:
            saved = replace(goal, id=known.id)
            number = await self._book.save_goal(connection, site.id, saved)
            if number:
                act = Act.GOAL_CHANGED if known.id else Act.GOAL_ADDED
                await self._guard.note(request, act, session.email, site.key, connection)
        if number is None and known.id:
            raise NotFound("There is no such goal any more.")
        if number is None:
            return await self._shown(request, session, typed, {"name": TOO_MANY})
        return RedirectResponse(_list_address(request, site, "saved"), 303)

    async def _delete(self, request: Request, session: Session, _form: Form) -> Response:
        site, number = self._deps.site(request), number_in_path(request)
        async with self._deps.ledger.write() as connection:
            if await self._book.delete_goal(connection, site.id, number):
                act = Act.GOAL_DELETED
                await self._guard.note(request, act, session.email, site.key, connection)
        return RedirectResponse(_list_address(request, site, "deleted"), 303)

    async def _goal(self, request: Request) -> Goal:
        """Return the goal of the address, an empty one for `new`; raises `NotFound`."""
        site, number = self._deps.site(request), number_in_path(request)
        if not number:
            return Goal(0, "", Deed("page", ""))
        if (goal := (await self._book.of(site.id)).goal(number)) is None:
            raise NotFound("There is no such goal.")
        return goal

    async def _preview(self, site: Site, goal: Goal) -> Preview:
        now = as_datetime(self._deps.clock())
        period = read_period({"period": "30d"}, site.time_zone, now)
        view = ReportView(site, period, Segment(), Address(""))

        async def answer(asked: Asked) -> tuple[tuple[tuple[Reached, ...], int], pd.DataFrame]:
            reached = await reached_of_window(asked, (goal,), period.window)
            (matcher,) = matchers_of((goal,))
            return reached, await asked.ask(goal_texts, raw(asked.scope()), matcher, PREVIEW_ROWS)

        ((reached,), visitors), texts = await answered(self._deps, view, answer)
        pairs = zip(texts["name"], texts["amount"], strict=True)
        return Preview(reached, visitors, tuple((str(name), int(count)) for name, count in pairs))

    async def _shown(
        self,
        request: Request,
        session: Session,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        preview: Preview | None = None,
    ) -> Response:
        site, number = self._deps.site(request), number_in_path(request)
        base, title = f"/sites/{site.key}/goals", "Change a goal" if number else "New goal"
        context = GoalFormPage(
            shell=kept_shell(site, session, request.query_params, title, TAB, within=True),
            action=f"{base}/{number}/edit" if number else f"{base}/new",
            delete=f"{base}/{number}/delete" if number else "",
            typed=typed,
            errors=errors,
            labels=LABELS,
            whats=WHAT_WORDS,
            values=VALUES,
            preview=preview,
        )
        return self._deps.pages.page(
            "reports/goals/goal_form.html", context, BAD_INPUT if errors else 200
        )


def _list_address(request: Request, site: Site, done: str) -> str:
    """Return the address of the list of goals, in the period and with the filters of before."""
    return Address(f"/sites/{site.key}/goals", kept_query(request.query_params)).with_(done=done)


def read_goal(typed: Mapping[str, str], site: Site) -> tuple[Goal, dict[str, str]]:
    """Read the fields of a goal; return it, and what is wrong by the field's name."""
    name, value = " ".join(typed["name"].split()), typed["value"]
    deed = Deed(typed["what"], typed["pattern"].strip())
    errors = {"name": fault_of_name(name), "pattern": fault_of_deed(deed, site)}
    amount, currency = 0, ""
    if value not in VALUES:
        errors["value"] = "Choose where the value comes from."
    elif value == "event":
        errors["value"] = _fault_of_own_amount(deed, site)
    elif value == "fixed":
        amount, currency = _thousandths(typed["amount"]), typed["currency"].strip().upper()
        errors["amount"] = "" if amount else "Write an amount of money, such as 20 or 19.99."
        known = len(currency) == 3 and is_currency(currency)
        errors["currency"] = "" if known else "Write the three letters of a currency, such as EUR."
    found = {name: fault for name, fault in errors.items() if fault}
    if found:
        return Goal(0, name, deed), found
    kind: ValueFrom = "fixed" if value == "fixed" else "event" if value == "event" else ""
    return Goal(0, name, deed, kind, amount, currency), {}


def _fault_of_own_amount(deed: Deed, site: Site) -> str:
    if deed.what != "event":
        return "Only what the site names itself comes with an amount."
    return "" if tells_amounts(site) else NO_AMOUNTS


def _thousandths(text: str) -> int:
    """Return an amount of money in thousandths, 0 for what is none."""
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return 0
    if not (amount.is_finite() and 0 < amount <= LARGEST_AMOUNT):
        return 0
    whole = amount * 1000
    return int(whole) if whole == whole.to_integral_value() else 0


def _typed(goal: Goal) -> dict[str, str]:
    fixed = goal.value_from == "fixed"
    amount = f"{Decimal(goal.amount) / 1000:f}" if fixed else ""
    return {
        "name": goal.name,
        "what": goal.deed.what,
        "pattern": goal.deed.pattern,
        "value": goal.value_from,
        "amount": amount,
        "currency": goal.currency,
    }


def _asked(request: Request) -> dict[str, str]:
    """Return what a link to the form fills in."""
    return {name: request.query_params[name] for name in LABELS if name in request.query_params}
