"""How many visits began in each step of time, how many bounced, and how long were they read?"""

from typing import Any

import ibis

from askfirst.local_days import Offsets
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope, raw
from askfirst.store.warehouse.logical.summaries import counts_of
from askfirst.store.warehouse.logical.visits import starts_between, visits_between
from reports.questions.measures.engaged import read_in
from reports.questions.over_time import begin_of, bucket_of


def bounces_over_time(scope: Scope, by: str, offsets: Offsets, _since: int) -> Any:
    """Return a row a step in which a visit began: bucket, visits and bounces.

    `bucket` and `offsets` are those of `over_time`.
    """
    if by == "hour":
        scope = raw(scope)
    found = []
    if scope.closed:
        counts = counts_of(scope, "all")
        found.append(
            counts.group_by(bucket=begin_of(counts.day, by)).agg(
                visits=int64(counts.visits.sum()), bounces=int64(counts.bounces.sum())
            )
        )
    if scope.open or not scope.closed:
        visits = visits_between(scope, scope.open_from, scope.end, said=())
        bounced = ((visits.views == 1) & (visits.events == 1)).ifelse(1, 0)
        found.append(
            visits.group_by(bucket=bucket_of(visits.start, by, offsets)).agg(
                visits=int64(visits.count()), bounces=int64(bounced.sum())
            )
        )
    every = ibis.union(*found) if len(found) > 1 else found[0]
    return every.group_by("bucket").agg(visits=every.visits.sum(), bounces=every.bounces.sum())


def engaged_over_time(scope: Scope, by: str, offsets: Offsets, _since: int) -> Any:
    """Return a row a step in which a visit began: bucket, visits and their whole engaged_ms."""
    begun = starts_between(scope, scope.start, scope.end)
    read = read_in(scope).group_by(reader="visit")
    read = read.agg(read_ms=int64(ibis._.engaged_ms.sum()))
    joined = begun.left_join(read, begun.visit == read.reader)
    steps = joined.group_by(bucket=bucket_of(joined.start, by, offsets))
    return steps.agg(
        visits=int64(joined.count()), engaged_ms=int64(joined.read_ms.fill_null(0).sum())
    )
