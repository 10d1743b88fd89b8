"""The form of a funnel: its name, the time within which it is gone through, and 2 to 10 steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import NotFound
from askfirst.sites import Site
from askfirst.store.ledger.goals import MOST_FUNNELS, Deed, Funnel, GoalBook, Plans, Step
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.goals.deeds import WHAT_WORDS, fault_of_deed, fault_of_name
from reports.goals.funnels import DAY_MS, HOUR_MS
from reports.goals.goals import TAB
from reports.http.forms import BAD_INPUT, Form
from reports.http.row_numbers import number_in_path
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_query, kept_shell
from reports.url.links import Address

LEAST_STEPS, MOST_STEPS = 2, 10
LONGEST_DAYS = 365
UNITS = {"visit": "one visit", "hours": "hours", "days": "days"}
GOAL = "goal-"
STEPS_WRONG = f"A funnel has {LEAST_STEPS} to {MOST_STEPS} steps."
TOO_MANY = f"A site has at most {MOST_FUNNELS} funnels. Delete one first."
SIZE = 2
"""How many times the usual fields of a form this one may have."""


@dataclass(frozen=True)
class TypedStep:
    """What the fields of a step hold: `what` is a goal (`goal-3`), a kind or ''."""

    what: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class FunnelFormPage:
    """`funnel_form.html`: the fields of a funnel."""

    shell: Shell
    action: str
    """Where the form is sent."""
    delete: str
    """Where the form that deletes the funnel is sent; '' for a new one."""
    back: str
    """The address of the funnels."""
    name: str
    """The name as it was typed."""
    length: str
    """The length of its time as it was typed."""
    unit: str
    """The unit of that: one of `units`."""
    units: Mapping[str, str]
    """The units: name and words."""
    steps: tuple[TypedStep, ...]
    """The steps as they were typed, with empty ones behind."""
    most: int
    """How many steps there may be."""
    goals: Mapping[str, str]
    """The site's goals as steps: name and words."""
    whats: Mapping[str, str]
    """What else a step can ask for: name and words."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""


class FunnelFormHandler:
    """Serves `/sites/KEY/goals/funnels/new` and `/sites/KEY/goals/funnels/NUMBER/edit`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._book = GoalBook(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the form."""
        base, guard = "/sites/{key}/goals/funnels", self._guard
        found = []
        for path in (f"{base}/new", f"{base}/{{number}}/edit"):
            found += [
                Route(path, guard.page(self._page), methods=["GET"]),
                Route(path, guard.action(self._sent, SIZE), methods=["POST"]),
            ]
        delete = Route(f"{base}/{{number}}/delete", guard.action(self._delete), methods=["POST"])
        return [*found, delete]

    async def _page(self, request: Request, session: Session) -> Response:
        _, funnel = await self._known(request)
        form = _form_of(funnel) if funnel else {"length": "7", "unit": "days"}
        return await self._shown(request, session, form, {})

    async def _sent(self, request: Request, session: Session, form: Form) -> Response:
        site = self._deps.site(request)
        plans, known = await self._known(request)
        if (do := form.get("do", "save")) != "save":
            return await self._shown(request, session, _rearranged(form, do), {})
        funnel, errors = read_funnel(form, plans, site, known.id if known else 0)
        if errors:
            return await self._shown(request, session, form, errors)
        async with self._deps.ledger.write() as connection:
            number = await self._book.save_funnel(connection, site.id, funnel)
            if number:
                act = Act.FUNNEL_CHANGED if known else Act.FUNNEL_ADDED
                await self._guard.note(request, act, session.email, site.key, connection)
        if number is None and known:
            raise NotFound("There is no such funnel any more.")
        if number is None:
            return await self._shown(request, session, form, {"name": TOO_MANY})
        address = _address(request, site).with_(funnel=str(number), done="saved")
        return RedirectResponse(address, 303)

    async def _delete(self, request: Request, session: Session, _form: Form) -> Response:
        site, number = self._deps.site(request), number_in_path(request)
        async with self._deps.ledger.write() as connection:
            if await self._book.delete_funnel(connection, site.id, number):
                act = Act.FUNNEL_DELETED
                await self._guard.note(request, act, session.email, site.key, connection)
        return RedirectResponse(_address(request, site).with_(done="deleted"), 303)

    async def _known(self, request: Request) -> tuple[Plans, Funnel | None]:
        """Return the plans of the site, and the funnel of the address; raises `NotFound`."""
        plans = await self._book.of(self._deps.site(request).id)
        number = number_in_path(request)
        if number and plans.funnel(number) is None:
            raise NotFound("There is no such funnel.")
        return plans, plans.funnel(number)

    async def _shown(
        self, request: Request, session: Session, form: Form, errors: Mapping[str, str]
    ) -> Response:
        site, number = self._deps.site(request), number_in_path(request)
        plans = await self._book.of(site.id)
        base, title = (
            f"/sites/{site.key}/goals/funnels",
            "Change a funnel" if number else "New funnel",
        )
        typed = typed_steps(form)[:MOST_STEPS]
        empty = (TypedStep(),) * max(3 - len(typed), 0 if len(typed) >= MOST_STEPS else 1)
        context = FunnelFormPage(
            shell=kept_shell(site, session, request.query_params, title, TAB, within=True),
            action=f"{base}/{number}/edit" if number else f"{base}/new",
            delete=f"{base}/{number}/delete" if number else "",
            back=_address(request, site).with_(),
            name=form.get("name", ""),
            length=form.get("length", ""),
            unit=form.get("unit", ""),
            units=UNITS,
            steps=(*typed, *empty),
            most=MOST_STEPS,
            goals={f"{GOAL}{goal.id}": goal.name for goal in plans.goals},
            whats=WHAT_WORDS,
            errors=errors,
        )
        return self._deps.pages.page(
            "reports/goals/funnel_form.html", context, BAD_INPUT if errors else 200
        )


def _address(request: Request, site: Site) -> Address:
    """Return the address of the funnels, in the period and with the filters of before."""
    return Address(f"/sites/{site.key}/goals/funnels", kept_query(request.query_params))


def typed_steps(form: Form) -> tuple[TypedStep, ...]:
    """Return the steps that a form carries, without empty ones, in order."""
    numbers = sorted(
        int(name.removeprefix("what-"))
        for name in form
        if name.startswith("what-") and name[5:].isascii() and name[5:].isdigit() and len(name) < 9
    )
    steps = (TypedStep(form[f"what-{n}"], form.get(f"pattern-{n}", "").strip()) for n in numbers)
    return tuple(step for step in steps if step.what or step.pattern)


def read_funnel(
    form: Form, plans: Plans, site: Site, number: int = 0
) -> tuple[Funnel, dict[str, str]]:
    """Read the fields of a funnel; return it, and what is wrong by the field's name."""
    name = " ".join(form.get("name", "").split())
    typed = typed_steps(form)
    steps = tuple(_step(one) for one in typed)
    within, fault = _within(form)
    errors = {"name": fault_of_name(name), "length": fault}
    if not LEAST_STEPS <= len(steps) <= MOST_STEPS:
        errors["steps"] = STEPS_WRONG
    for place, step in enumerate(steps, start=1):
        errors[f"pattern-{place}"] = _fault_of_step(step, plans, site)
    found = {field: fault for field, fault in errors.items() if fault}
    return Funnel(number, name, steps, within), found


def _step(typed: TypedStep) -> Step:
    if typed.what.startswith(GOAL):
        number = typed.what.removeprefix(GOAL)
        known = number.isascii() and number.isdigit() and len(number) < 10
        return Step(goal=int(number) if known else -1)
    return Step(deed=Deed(typed.what, typed.pattern))


def _fault_of_step(step: Step, plans: Plans, site: Site) -> str:
    if step.goal and plans.goal(step.goal) is None:
        return "There is no such goal any more. Choose another one."
    return fault_of_deed(plans.deed(step), site)


def _within(form: Form) -> tuple[int, str]:
    """Return the time of a funnel in milliseconds, 0 for one visit, and what is wrong with it."""
    unit, text = form.get("unit", ""), form.get("length", "").strip()
    if unit == "visit":
        return 0, ""
    size = {"hours": HOUR_MS, "days": DAY_MS}.get(unit)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if size is None or not 0 < number * size <= LONGEST_DAYS * DAY_MS:
        return 0, f"It is a whole number, at least 1 hour and at most {LONGEST_DAYS} days."
    return number * size, ""


def _form_of(funnel: Funnel) -> dict[str, str]:
    days = funnel.within_ms % DAY_MS == 0
    size = DAY_MS if days else HOUR_MS
    unit = "visit" if not funnel.within_ms else "days" if days else "hours"
    length = str(funnel.within_ms // size) if funnel.within_ms else ""
    steps = [
        TypedStep(f"{GOAL}{one.goal}") if one.goal else TypedStep(one.deed.what, one.deed.pattern)
        for one in funnel.steps
    ]
    return {"name": funnel.name, "length": length, "unit": unit, **_fields(steps)}


def _fields(steps: Sequence[TypedStep]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, step in enumerate(steps, start=1):
        found |= {f"what-{place}": step.what, f"pattern-{place}": step.pattern}
    return found


def _rearranged(form: Form, do: str) -> dict[str, str]:
    """Return the form with a step moved up (`up-2`) or taken away (`off-2`); else as it is."""
    steps = list(typed_steps(form))
    act, _, text = do.partition("-")
    place = int(text) - 1 if text.isascii() and text.isdigit() and len(text) < 3 else -1
    if 0 <= place < len(steps):
        if act == "off":
            del steps[place]
        elif act == "up" and place:
            steps[place - 1], steps[place] = steps[place], steps[place - 1]
    kept = {name: form.get(name, "") for name in ("name", "length", "unit")}
    return {**kept, **_fields(steps)}
