"""Settings: their sources, which source wins, and that a wrong one stops the start by name."""

from pathlib import Path

import pytest

from askfirst.errors import Misconfigured
from askfirst.settings import Settings, load_settings


def load(folder, given=None, text="", **environment):
    (folder / "askfirst.toml").write_text(text)
    given = {"data_folder": folder} | (given or {})
    return load_settings(given, {f"ASKFIRST_{name}": value for name, value in environment.items()})


def test_every_setting_has_a_default_and_a_sentence():
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
    assert Settings() == load_settings({}, {})


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path):
    text = "port = 1\nhost = 'file'\nchoice_days = 3"
    settings = load(tmp_path, {"port": 3}, text, PORT="2", HOST="environment")
    assert (settings.port, settings.host, settings.choice_days) == (3, "environment", 3)


def test_what_the_command_line_does_not_say_is_left_to_the_others(tmp_path):
    assert load(tmp_path, {"port": None}, PORT="2").port == 2


def test_the_file_is_read_from_the_data_folder_that_the_environment_names(tmp_path):
    (tmp_path / "askfirst.toml").write_text("port = 7")
    assert load_settings({}, {"ASKFIRST_DATA_FOLDER": str(tmp_path)}).port == 7


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"PROT": "1"}, "ASKFIRST_PROT"),
        ({"PORT": "many"}, "port"),
        ({"PORT": "70000"}, "port"),
        ({"CHOICE_DAYS": "184"}, "choice_days"),
        ({"REFUSAL_DAYS": "394"}, "refusal_days"),
        ({"REFUSAL_DAYS": "0"}, "refusal_days"),
        ({"RETENTION_MONTHS": "26"}, "retention_months"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8, nobody"}, "trusted_proxies"),
        ({"CLIENT_IP_HEADER": "X-Real-IP: 1"}, "client_ip_header"),
        ({"CLIENT_IP_HEADER": "-"}, "client_ip_header"),
        ({"PUBLIC_URL": "example.org"}, "public_url"),
        ({"SMTP_URL": "smtp://localhost", "MAIL_FROM": "a@example.org"}, "public_url"),
    ],
)
def test_a_wrong_environment_stops_the_start_with_a_sentence_that_names_it(
    tmp_path, environment, named
):
    with pytest.raises(Misconfigured, match=rf"\b{named}\b.*\.$") as stopped:
        load(tmp_path, **environment)
    assert "Value error" not in str(stopped.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 1", "prot"),
        ("data_folder = '/elsewhere'", "data_folder"),
        ("port = -1", "port"),
        ("port = ", "askfirst.toml"),
    ],
)
def test_a_wrong_file_stops_the_start_with_a_sentence_that_names_it(tmp_path, text, named):
    with pytest.raises(Misconfigured, match=named):
        load(tmp_path, text=text)


def test_a_file_that_is_no_text_stops_the_start(tmp_path):
    (tmp_path / "askfirst.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match="cannot be read"):
        load_settings({"data_folder": tmp_path}, {})


def test_other_peoples_environment_is_not_ours(tmp_path):
    assert load_settings({"data_folder": tmp_path}, {"PORT": "1", "PATH": "/"}).port == 8000


def test_lists_and_addresses_are_read_in_their_short_form(tmp_path):
    settings = load(tmp_path, TRUSTED_PROXIES="10.0.0.0/8, ::1 ,", PUBLIC_URL="https://a.example/")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert settings.public_url == "https://a.example"


def test_settings_do_not_change_after_the_start():
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1
    assert Settings().data_folder == Path("askfirst-data")
