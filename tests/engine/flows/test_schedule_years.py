"""The short form of tests/faults/schedules.py: the autumn of 60 triggers, in which clocks are moved."""

from __future__ import annotations

from tests.engine.flows.schedule_years import play


def test_each_instant_fires_once_though_clocks_jump_and_two_schedulers_tick_at_once(database_url: str) -> None:
    played = play(database_url, triggers=60, days=70, seed=11, jumping=0.25)
    assert played.fires > 200
    assert played.jumps > 10
