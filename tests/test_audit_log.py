"""The audit log keeps what it must and no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from fairmap.access import LOCAL, Audit

if TYPE_CHECKING:
    from pathlib import Path

NAME = "audit.jsonl"


class Clock:
    """Tells the time that it was set to."""

    def __init__(self, text: str) -> None:
        self.time = datetime.fromisoformat(text).replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time."""
        return self.time


def operations(file: Path) -> list[str]:
    return [json.loads(line)["operation"] for line in file.read_text().splitlines()]


def all_operations(folder: Path) -> list[str]:
    return [operation for file in sorted(folder.glob("audit-*.jsonl")) for operation in operations(file)] + (
        operations(folder / NAME)
    )


def test_each_day_has_its_file_and_old_ones_go(tmp_path: Path) -> None:
    clock = Clock("2026-01-01T23:59")
    audit = Audit(tmp_path / NAME, 2, now=clock)
    for day in range(1, 7):
        audit.note(LOCAL, f"day {day}", "done")
        clock.time += timedelta(days=1)
    audit.close()
    assert operations(tmp_path / NAME) == ["day 6"]
    names = [file.name for file in sorted(tmp_path.iterdir())]
    assert names == ["audit-2026-01-04.jsonl", "audit-2026-01-05.jsonl", NAME]
    assert operations(tmp_path / names[0]) == ["day 4"]


def test_a_quiet_log_is_tidied_without_a_note(tmp_path: Path) -> None:
    clock = Clock("2026-01-01T12:00")
    audit = Audit(tmp_path / NAME, 30, now=clock)
    audit.note(LOCAL, "put", "done")
    clock.time += timedelta(days=1)
    audit.tidy()
    assert operations(tmp_path / "audit-2026-01-01.jsonl") == ["put"]
    clock.time += timedelta(days=30)
    audit.tidy()
    audit.close()
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_a_start_puts_the_last_days_lines_aside_and_removes_what_is_old(tmp_path: Path) -> None:
    clock = Clock("2026-01-01T12:00")
    for days in (0, 0, 3, 2):
        audit = Audit(tmp_path / NAME, days, now=clock)
        audit.note(LOCAL, f"on {clock.time:%d}", "done")
        audit.close()
        clock.time += timedelta(days=2)
    assert all_operations(tmp_path) == ["on 05", "on 07"]
    kept = Audit(tmp_path / NAME, 0, now=clock)
    kept.close()
    assert all_operations(tmp_path) == ["on 05", "on 07"]


def test_a_file_of_many_days_is_kept_as_long_as_its_last_line(tmp_path: Path) -> None:
    lines = [{"time": f"2026-01-{day:02}T10:00:00.000+00:00", "operation": f"{day}"} for day in range(1, 20)]
    (tmp_path / NAME).write_text("".join(json.dumps(line) + "\n" for line in lines))
    Audit(tmp_path / NAME, 5, now=Clock("2026-01-24T10:00")).close()
    assert len(operations(tmp_path / "audit-2026-01-19.jsonl")) == 19
    Audit(tmp_path / NAME, 5, now=Clock("2026-01-25T10:00")).close()
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    clock = Clock("2026-01-01T12:00")
    audit = Audit(tmp_path / NAME, 5, now=clock)
    audit.note(LOCAL, "before", "done")
    audit.close()
    with (tmp_path / NAME).open("a") as file:
        file.write('{"time": "2026-01-0')
    audit = Audit(tmp_path / NAME, 5, now=clock)
    audit.note(LOCAL, "after", "done")
    audit.close()
    first, torn, last = (tmp_path / NAME).read_text().splitlines()
    assert (json.loads(first)["operation"], json.loads(last)["operation"]) == ("before", "after")
    assert torn == '{"time": "2026-01-0'


def test_a_clock_that_goes_back_loses_nothing(tmp_path: Path) -> None:
    clock = Clock("2026-01-05T12:00")
    audit = Audit(tmp_path / NAME, 5, now=clock)
    for number, day in enumerate((5, 6, 5, 6, 7, 5, 8)):
        clock.time = clock.time.replace(day=day)
        audit.note(LOCAL, f"{number}", "done")
        if number == 2:  # a start with the wrong time
            audit.close()
            audit = Audit(tmp_path / NAME, 5, now=clock)
    audit.close()
    assert sorted(all_operations(tmp_path)) == [f"{number}" for number in range(7)]


@pytest.mark.parametrize("at", ["rename", "open"])
def test_a_crash_in_between_loses_nothing(tmp_path: Path, at: str) -> None:
    """Either the file has its old name, or the new one and there is no other yet."""
    clock = Clock("2026-01-05T12:00")
    audit = Audit(tmp_path / NAME, 5, now=clock)
    audit.note(LOCAL, "before", "done")
    audit.close()
    if at == "open":
        (tmp_path / NAME).rename(tmp_path / "audit-2026-01-05.jsonl")
    clock.time += timedelta(days=1)
    audit = Audit(tmp_path / NAME, 5, now=clock)
    audit.note(LOCAL, "after", "done")
    audit.close()
    assert all_operations(tmp_path) == ["before", "after"]
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_other_files_stay(tmp_path: Path) -> None:
    names = {"audit-2020-01-01.jsonl.gz", "audit-notes.jsonl", "audit-2020-01-01.txt", "tokens.sqlite"}
    for name in names:
        (tmp_path / name).touch()
    Audit(tmp_path / NAME, 1, now=Clock("2026-01-05T12:00")).close()
    assert {file.name for file in tmp_path.iterdir()} == {*names, NAME}
