"""The hub's configuration, read as JupyterHub reads it: who may start it, and what it says where a tool is missing."""

import os
import shutil

import pytest
from traitlets.config import Config, PyFileConfigLoader

from tests.classroom.conftest import CONFIG

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="JupyterHub runs on Linux")


@pytest.fixture
def read(monkeypatch, tmp_path):
    """`read(TDL_HUB_URL=...)`: the settings with these variables, as a user who is not root, with every tool there."""
    for name in [name for name in os.environ if name.startswith("TDL_HUB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TDL_HUB_DIR", str(tmp_path / "hub"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda tool: f"/usr/bin/{tool}")
    before = os.umask(0o022)

    def load(**variables: str) -> Config:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return PyFileConfigLoader(CONFIG.name, str(CONFIG.parent)).load_config()

    yield load
    os.umask(before)


def test_by_default_only_this_computer_reaches_it_and_everybody_chooses_a_password(read):
    settings = read()
    assert settings.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert settings.JupyterHub.authenticator_class == "firstuse"
    assert settings.Authenticator.allow_all is True and settings.Authenticator.admin_users == {"teacher"}


def test_a_roster_lets_in_those_on_it_and_teachers(read, tmp_path):
    (tmp_path / "roster.txt").write_text("ana\n\nBen\n", encoding="utf-8")
    settings = read(TDL_HUB_ROSTER=str(tmp_path / "roster.txt"), TDL_HUB_TEACHERS="eva,teacher")
    assert settings.Authenticator.allowed_users == {"ana", "ben", "eva", "teacher"}
    assert "allow_all" not in settings.Authenticator


def test_root_is_told_what_to_do_instead(read, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SystemExit, match="as an ordinary user.*TDL_HUB_SPAWNER=localprocess"):
        read()
    settings = read(TDL_HUB_SPAWNER="localprocess", TDL_HUB_AUTHENTICATOR="pam")
    assert (settings.JupyterHub.spawner_class, settings.JupyterHub.authenticator_class) == ("localprocess", "pam")


def test_a_missing_tool_is_named(read, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda tool: None if tool == "bwrap" else tool)
    with pytest.raises(SystemExit, match="bwrap not found.*classroom/README.md"):
        read()
