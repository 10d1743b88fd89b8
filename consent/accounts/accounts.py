"""STUB until the account's own part is merged, whose file wins: an account of a visitor."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VisitorAccount:
    id: str
    site_id: int
    email: str
    language: str
    created_at: int
    confirmed_at: int | None
    has_password: bool
    needs_password: bool
    access_ended_at: int | None
    access_ended_by: str
