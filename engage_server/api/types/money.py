"""Amounts of money in GraphQL."""

from decimal import Decimal
from typing import Self

import strawberry


@strawberry.type(description="An amount of money.")
class Money:
    amount: Decimal = strawberry.field(description="In decimal digits, as a text: no binary fraction.")
    currency: str = strawberry.field(description="ISO 4217, such as EUR.")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Self:
        """The amount, without zeros behind its last digit that say nothing: 12.5, 100."""
        shown = amount.normalize()
        exponent = shown.as_tuple().exponent
        whole = isinstance(exponent, int) and exponent > 0
        return cls(amount=shown.quantize(Decimal(1)) if whole else shown, currency=currency)
