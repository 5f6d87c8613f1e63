"""Says in SQL whether a text names a person, for lists that are filtered and ordered there.

By the law of ``person_mentions``, as ``engage_server.api.masking`` hides names from answers, and where the two differ on
the side of hiding: any address, anything percent-encoded and any id of an identity provider counts.
"""

from typing import Final

from engage_server.customers.person_mentions import SHORTEST_WORD

# Pieces between quotation marks (without any: the whole), between what separates words, and between what separates the
# parts of addresses; each as it is and without the punctuation around it, in lower case too, in either form of Unicode.
_NAMES_SOMEBODY: Final = r"""
    EXISTS (
        SELECT FROM unnest(ARRAY[{texts}]) AS given (text)
        WHERE given.text ~ '[^\s@]@+[^\s@]|%%[0-9A-Fa-f]{2}|[^\s|]\|[^\s|]'
           OR EXISTS (
                SELECT FROM regexp_matches(given.text,
                    '(?<![\w./-])\+?\(?\d(?:[ ()/-]{0,2}\d){7,14}(?!\w)', 'g') AS number (found)
                WHERE (number.found[1] ~ '\D' OR number.found[1] LIKE '0%%')
                  AND number.found[1] !~ '^[12]\d{3}-\d{2}-\d{2}')
           OR EXISTS (
                SELECT FROM (
                    SELECT regexp_split_to_table(given.text, '["'']') AS text
                    UNION SELECT piece FROM regexp_split_to_table(given.text, '[\s,;()\[\]{}<>"'']+') AS piece
                        WHERE length(piece) >= {shortest}
                    UNION SELECT piece FROM regexp_split_to_table(given.text, '[\s,;()\[\]{}<>"'':|=/&?#]+') AS piece
                        WHERE length(piece) >= {shortest}
                ) AS piece
                CROSS JOIN LATERAL (VALUES (piece.text), (btrim(piece.text, '.!?@'))) AS bare (text)
                CROSS JOIN LATERAL (VALUES (bare.text), (lower(bare.text)), (normalize(bare.text, NFC)),
                    (normalize(lower(bare.text), NFC)), (normalize(bare.text, NFD)), (normalize(lower(bare.text), NFD))
                ) AS form (text)
                WHERE EXISTS (SELECT FROM customers_personalias WHERE alias = form.text)
                   OR EXISTS (SELECT FROM customers_person WHERE external_id = form.text)))
"""


def names_somebody(*expressions: str) -> str:
    """The condition that one of the texts of these expressions of SQL names a person; without parameters of its own."""
    condition = _NAMES_SOMEBODY.replace("{texts}", ", ".join(expressions))
    return condition.replace("{shortest}", str(SHORTEST_WORD))
