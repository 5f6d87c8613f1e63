"""A part of the product, as the subject of values."""

import strawberry


@strawberry.type(description="A part of the product that events show the use of.")
class Feature:
    name: str
