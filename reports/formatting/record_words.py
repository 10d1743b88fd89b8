"""A consent record's state, method and giver in plain words, as the pages of staff write them."""

_STATES = {"given": "Given", "renewed": "Given anew", "withdrawn": "Withdrawn"}
_METHODS = {
    "banner": "The question",
    "preferences": "The preferences",
    "form": "The page without JavaScript",
    "api": "A script of the site",
    "manager": "Another consent manager",
    "renewal": "A newer yes",
    "erasure": "An erasure",
    "lost": "Access ended: lost or stolen",
    "restore": "A restored backup",
}
_GIVERS = {"subject": "The visitor", "controller": "Staff"}
_MANAGER = "manager:"


def state_words(state: str) -> str:
    """Write a record's state, e.g. `Given anew`."""
    return _STATES.get(state, state)


def method_words(method: str) -> str:
    """Write by what a choice was made, e.g. `The question`."""
    return _METHODS.get(method, method)


def giver_words(given_by: str) -> str:
    """Write who made a choice: the visitor, staff, or the consent manager that passed it on."""
    if given_by.startswith(_MANAGER):
        return f"{given_by.removeprefix(_MANAGER)}, a consent manager"
    return _GIVERS.get(given_by, given_by)
