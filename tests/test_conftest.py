"""A missing tool skips a test, and fails it where TDL_REQUIRE names the tool."""

import pytest


def test_a_missing_tool_skips_or_fails(need, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("TDL_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        need("qemu")
    monkeypatch.setenv("TDL_REQUIRE", "chromium,qemu")
    with pytest.raises(pytest.fail.Exception, match="TDL_REQUIRE"):
        need("qemu")


def test_an_unknown_tool_is_a_mistake_in_the_test(need):
    with pytest.raises(KeyError):
        need("qemu-system-arm")
