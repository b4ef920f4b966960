"""Joins straight lines that meet end to end into closed rings; it moves no point and joins no line twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

Position = tuple[float, float]
Segment = tuple[Position, Position]
DECIMALS = 6
"""Ends are the same point when they agree to so many decimals of the drawing's unit."""


def rings_of(segments: Sequence[Segment]) -> tuple[list[list[Position]], int]:
    """The closed rings, each without its first point repeated, and how many segments are in none.

    Only ends where exactly two segments meet are joined: at a fork nothing says which way a boundary goes on, so all that
    hangs together with one is left.
    """
    meeting: dict[Position, list[int]] = defaultdict(list)
    for number, ends in enumerate(segments):
        for end in ends:
            meeting[_key(end)].append(number)
    rings: list[list[Position]] = []
    used: set[int] = set()
    left = 0
    for start in range(len(segments)):
        if start in used:
            continue
        group = _connected(start, segments, meeting)
        used |= group
        if len(group) > 2 and all(len(meeting[_key(end)]) == 2 for n in group for end in segments[n]):
            rings.append(_walked(start, segments, meeting))
        else:
            left += len(group)
    return rings, left


def _key(point: Position) -> Position:
    return round(point[0], DECIMALS) + 0.0, round(point[1], DECIMALS) + 0.0


def _connected(start: int, segments: Sequence[Segment], meeting: dict[Position, list[int]]) -> set[int]:
    found, open_ones = {start}, [start]
    ends_seen: set[Position] = set()
    while open_ones:
        for end in {_key(point) for point in segments[open_ones.pop()]} - ends_seen:
            ends_seen.add(end)
            more = [n for n in meeting[end] if n not in found]
            found.update(more)
            open_ones += more
    return found


def _walked(start: int, segments: Sequence[Segment], meeting: dict[Position, list[int]]) -> list[Position]:
    ring: list[Position] = []
    at, number = segments[start][0], start
    while True:
        ring.append(at)
        one, two = segments[number]
        at = two if _key(one) == _key(at) else one
        first, second = meeting[_key(at)]
        number = second if first == number else first
        if number == start:
            return ring
