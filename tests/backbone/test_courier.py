"""Restraint towards a backbone in trouble: five messages a second at most, and none for a while after ten failures."""

import pytest

from frontoffice.backbone.courier import Circuit, CircuitOpen, courier_of
from tests.peers import Backbone
from tests.scene import Scene


class Clock:
    """A clock that goes when it is told to."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_ten_failures_in_a_row_open_the_circuit_for_half_a_minute() -> None:
    clock = Clock()
    circuit = Circuit(clock=clock)
    for well in [False] * 9 + [True] + [False] * 9:
        circuit.note(well=well)
        circuit.check()
    circuit.note(well=False)
    with pytest.raises(CircuitOpen) as closed:
        circuit.check()
    assert 30 <= closed.value.wait.total_seconds() <= 35
    clock.seconds += 30
    circuit.check()
    circuit.note(well=False)
    with pytest.raises(CircuitOpen):
        circuit.check()
    clock.seconds += 30
    circuit.note(well=True)
    circuit.check()


async def test_an_open_circuit_postpones_without_counting_a_try(scene: Scene, stand_in: Backbone) -> None:
    await scene.filed()
    circuit = courier_of(scene.resources).circuit
    for _ in range(10):
        circuit.note(well=False)
    await scene.run("backbone:hand_over")
    assert await scene.value("SELECT tries FROM message") == 0
    assert await scene.value("SELECT scheduled_at > now() + interval '20 s' FROM procrastinate_jobs WHERE task_name = 'backbone:hand_over'")
    circuit.note(well=True)
    circuit.opened_at = float("-inf")
    await scene.make_due()
    await scene.run("backbone:hand_over")
    assert await scene.value("SELECT concluded_at IS NOT NULL FROM message")


async def test_no_more_than_five_go_in_one_second(scene: Scene) -> None:
    """Whatever the number of workers: the database counts."""
    filed = [await scene.filed(await scene.employer()) for _ in range(3)]
    await scene.sql("INSERT INTO rate SELECT 'backbone', date_trunc('second', now()) + make_interval(secs => s), 5 FROM generate_series(0, 1) s")
    await scene.run("backbone:hand_over")
    assert len(filed) == await scene.value("SELECT count(*) FROM message WHERE concluded_at IS NOT NULL")
    # The two full seconds were waited out, however slow this machine is: whatever went was counted in a later one.
    assert await scene.value("SELECT max(window_start) >= min(window_start) + interval '2 s' FROM rate WHERE key = 'backbone'")
