"""Counts the distinct ids of every trailing window, from one set of ids a day: each day is read and joined a few times.

A set is an integer, whose bits stand for ids. To join it with another and to count it are single operations of Python,
on thousands of ids at once; the database would make a row of each day and each window that has part of it.
"""

from collections.abc import Mapping


def count_rolling(days: Mapping[int, int], *, trailing: int, number: int) -> list[int]:
    """Count the ids that occur in each of ``number`` windows of ``trailing`` days.

    Args:
        days: sets by day; window n consists of the days n to n + trailing - 1. A day that is not there is empty.
        trailing: at least 1.
        number: how many windows.
    """
    unions = [days.get(day, 0) for day in range(number + trailing - 1)]
    width = 1
    while width < trailing:
        # A union may cover days twice, so windows of any width are joined from two of half of it or more.
        step = min(width, trailing - width)
        unions = [unions[start] | unions[start + step] for start in range(len(unions) - step)]
        width += step
    return [union.bit_count() for union in unions]
