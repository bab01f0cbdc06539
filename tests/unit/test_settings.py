"""Where a setting comes from, and what is said of one that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from triplepress.errors import SettingsError
from triplepress.settings import Settings, load_settings, normalise_base


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "triplepress.toml"
    path.write_text('base = "https://example.org/lod"\ntitle = "From the file"\nport = 1\nabstracts = false\n')
    return path


def test_the_nearer_one_wins(config: Path) -> None:
    environment = {"TRIPLEPRESS_PORT": "2", "TRIPLEPRESS_SOURCES": "a,b", "PORT": "9"}
    settings = load_settings(config, options={"port": 3, "title": None}, environment=environment)
    assert (settings.port, settings.title, settings.sources) == (3, "From the file", ["a", "b"])
    assert load_settings(config, environment=environment).port == 2
    assert load_settings(config).port == 1
    assert load_settings(config).abstracts is False


def test_the_file_of_the_working_folder_is_found(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(config.parent)
    assert load_settings().title == "From the file"


def test_defaults_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings()


def test_a_base_ends_in_one_slash(config: Path) -> None:
    settings = load_settings(config)
    assert settings.base == "https://example.org/lod/"
    assert settings.root == "https://example.org/lod"


@pytest.mark.parametrize(
    "base", ["example.org", "ftp://example.org/", "https://", "https://a/?b", "https://a/#b", "https://a b/"]
)
def test_what_is_no_base_is_refused(base: str) -> None:
    with pytest.raises(SettingsError) as caught:
        normalise_base(base)
    assert caught.value.key == "base"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('titel = "a"', "did you mean “title”"),
        ('port = "x"', "port"),
        ("base = ", "not a TOML file"),
        ('language = "de"', "language"),
        ('metadata_licence = "CC0"', "metadata_licence"),
        ("workers = 0", "workers"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "triplepress.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_settings(path)


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--config"):
        load_settings(tmp_path / "no.toml")
