"""The pace of choices: counted by address, and no address is kept longer than its minute."""

import time

import pytest
from limits.storage import MemoryStorage

from askfirst.errors import TooFast
from consent.pace import Pace


def test_each_address_has_its_own_pace():
    pace = Pace(1)
    pace.check("192.0.2.1")
    pace.check("192.0.2.2")
    with pytest.raises(TooFast) as error:
        pace.check("192.0.2.1")
    assert 1 <= error.value.retry_after <= 60


def test_an_address_is_forgotten_after_its_minute(monkeypatch):
    storage = MemoryStorage()
    pace = Pace(1, storage)
    pace.check("192.0.2.1")
    assert "192.0.2.1" in str(vars(storage))
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    pace.check("192.0.2.2")
    storage.timer.join()
    assert "192.0.2.1" not in str(vars(storage))
