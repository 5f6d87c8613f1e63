"""Roll-ups of events: exact however the events arrive, and never more rebuilt than what changed.

The way of an event: the batch that stores it appends what is new to a log (``log``), in the same transaction. The
compaction (``compaction``) takes whole batches from the log, first brings what it knows of their persons up to date
(``persons``; of a batch that changed nobody, only those whom it does not know), then adds the events to person-days and
``bitmaps`` in one statement (``timeline``). Additions are sums and ORs, so their order does not matter. What takes
something away (a removed event: ``removals``; a merge, a person no longer counted, a stay that moved) names its days as
*suspects*: their bits are compared with the person-days and put right.

Person-days belong to the person as stored and are never moved by a merge, so that it can be taken back; bits belong
to the person that counts. Whoever changes persons, stays or events says so in the log.
"""
