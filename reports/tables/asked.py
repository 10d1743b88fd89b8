"""Reports that are one question over the warehouse: sorted and cut by its engine, and streamed."""

import asyncio
from typing import Any

import ibis

from askfirst.store.warehouse.compiled import Question
from reports.dependencies import Dependencies
from reports.questions.scope import Scope
from reports.tables.spool import Rows
from reports.tables.table import Answer, Cut, Field
from reports.url.asking import Asked, answered
from reports.url.report_view import ReportView

EVERY = 1 << 40
"""More rows than any answer has."""


def sorted_rows(
    question: Question, values: tuple[Any, ...], by: str, descending: bool, cut: tuple[int, ...]
) -> Any:
    """Return part of the rows of a question by another column, those that are alike by name.

    `question` takes `values`, a limit and an offset: the first two numbers of `cut`, which let it
    return every row. The others are the limit and offset of the part.
    """
    every, none, limit, offset = cut
    rows = question(*values, every, none)
    order = ibis.desc(by) if descending else ibis.asc(by)
    return rows.order_by([order, *([] if by == "name" else ["name"])]).limit(limit, offset=offset)


def question_rows(question: Question, *values: Any) -> Answer:
    """Return what answers a report by a question of a scope, `values`, a limit and an offset."""

    async def answer(
        deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
    ) -> Rows:
        async def once(asked: Asked) -> Rows:
            return await asyncio.to_thread(spooled, deps, asked, asked.scope(), fields, cut)

        return await answered(deps, view, once)

    def spooled(
        deps: Dependencies, asked: Asked, scope: Scope, fields: tuple[Field, ...], cut: Cut
    ) -> Rows:
        rows = Rows(fields, deps.settings.data_folder)
        limit = EVERY if cut.limit is None else cut.limit
        if cut.by:
            column = next(one.column for one in fields if one.name == cut.by)
            part = (EVERY, 0, limit, cut.offset)
            taken = (question, (scope, *values), column, cut.descending, part)
            asked.page.stream(rows.take, sorted_rows, *taken)
        else:
            asked.page.stream(rows.take, question, scope, *values, limit, cut.offset)
        return rows

    return answer
