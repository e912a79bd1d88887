"""Downloads against a server in this process: resumed, refused, too slow, damaged, and then prepared and kept."""

from dataclasses import replace

import pytest

from tdl_course import datasets
from tdl_course.datasets import CARDS, DatasetError, download
from tests.datasets.records import stand_in
from tests.datasets.site import serving

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def server(monkeypatch):
    """An official site whose archive is CONTENT and becomes the synthetic course edition."""
    monkeypatch.setenv("TDL_OFFLINE", "0")
    with serving(CONTENT) as site:
        monkeypatch.setitem(CARDS, "ecg", replace(CARDS["ecg"], download=site.url))

        def read(path):
            if path.read_bytes() != CONTENT:
                raise DatasetError("not the official file")
            return stand_in("ecg")

        monkeypatch.setitem(download.ARCHIVES, "ecg", download.Archive("archive.zip", "1 MB", read))
        yield site


def test_the_download_is_announced_prepared_and_found_again(server, capsys):
    dataset = datasets.load("ecg")
    assert dataset.source == "download" and not dataset.synthetic
    assert "fetching MIT-BIH Arrhythmia heartbeats: 1 MB from 127.0.0.1" in capsys.readouterr().out
    again = datasets.load("ecg")
    assert again.source == "cache" and again.digest == dataset.digest
    assert len(server.asked) == 1


def test_a_cut_transfer_goes_on_where_it_stopped(server, tmp_path):
    server.cut_after = 300_000
    with pytest.raises(download.Unreachable, match="no connection"):
        datasets.fetch("ecg")
    part = tmp_path / "cache" / "downloads" / "archive.zip.part"
    have = part.stat().st_size
    assert 0 < have <= 300_000
    server.cut_after = None
    datasets.fetch("ecg")
    assert server.asked == ["", f"bytes={have}-"] and not part.exists()


def test_a_partial_file_that_is_too_long_is_thrown_away(server, tmp_path):
    part = tmp_path / "cache" / "downloads" / "archive.zip.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT + b"more")
    with pytest.raises(download.Unreachable):
        datasets.fetch("ecg")
    datasets.fetch("ecg")


def test_a_damaged_archive_is_an_error_and_not_kept(server, tmp_path):
    folder = tmp_path / "cache" / "downloads"
    folder.mkdir(parents=True)
    (folder / "archive.zip").write_bytes(b"something else")
    with pytest.raises(DatasetError, match="not the official file"):
        datasets.load("ecg")
    assert not (folder / "archive.zip").exists()
    assert datasets.load("ecg").source == "download"


def test_without_being_asked_it_fails_once_and_then_at_once(server, monkeypatch, capsys):
    url = f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    assert datasets.load("ecg").synthetic
    monkeypatch.setattr(download, "_retrieve", None)  # a second attempt would fail the test
    dataset = datasets.load("ecg")
    assert dataset.synthetic and "no connection to 127.0.0.1" in dataset.detail and url not in dataset.detail


def test_an_unasked_download_that_would_take_too_long_gives_up():
    slow = download._Resuming(None, budget=120)
    slow._check_budget(1000, 10_000_000, seconds=4)
    slow._check_budget(5_000_000, 10_000_000, seconds=10)
    with pytest.raises(download.Unreachable, match="about 17 minutes"):
        slow._check_budget(100_000, 10_000_000, seconds=10)
    download._Resuming(None, budget=None)._check_budget(1, 10_000_000, seconds=1000)


def test_offline_and_no_official_download_are_said():
    with pytest.raises(download.Unreachable, match="TDL_OFFLINE is set"):
        datasets.fetch("ecg")
    with pytest.raises(download.Unreachable, match="no automatic download yet .* TDL_DATA .* imu_activity_geotec"):
        datasets.fetch("activity")


@pytest.mark.parametrize("name", sorted(CARDS))
def test_a_card_names_an_address_where_there_is_an_archive_and_only_there(name):
    assert CARDS[name].download.startswith("https://") == (name in download.ARCHIVES)
