"""What a page's address says of an act, where an act of the session has just led there."""

from starlette.requests import Request


def mark_outcome(request: Request) -> None:
    """Note that an act has led to the address of a request: the guard has seen the proof."""
    request.state.is_outcome = True


def outcome(request: Request, *names: str) -> str:
    """Return the first of these names that the address carries, '' unless an act led there."""
    is_proved = getattr(request.state, "is_outcome", False)
    return next((one for one in names if is_proved and one in request.query_params), "")


def outcome_of(request: Request, name: str) -> str:
    """Return what the address says under a name, '' unless an act led there."""
    return request.query_params.get(name, "") if outcome(request, name) else ""
