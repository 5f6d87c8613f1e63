"""Roll-ups of events: exact however the events arrive, and never more rebuilt than what changed.

The way of an event: the batch that stores it appends what is new to a log (``deltas``), in the same transaction. The
compaction (``compaction``) takes whole batches from the log, first brings what it knows of their persons up to date
(``person_states``; of a batch that changed nobody, only those whom it does not know), then adds the events to
``person_days`` and ``bitmaps`` in one statement. Additions are sums and ORs, so their order does not matter. What takes
something away (a removed event: ``retractions``; a merge, a person no longer counted, a membership that moved) names
its days as *stale cells*: their bits are compared with the person-days and put right.

A claim rewrites each person-day and bitmap that it touches once, however many events it brings: its cost is mostly that
of the rows, so large claims are cheap. ``compactor`` lets the log grow for a moment and then takes it whole.

Person-days belong to the person as stored and are never moved by a merge, so that it can be taken back; bits belong
to the person that counts. Who changes persons, memberships or events says so in the log.
"""
