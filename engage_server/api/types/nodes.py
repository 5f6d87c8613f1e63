"""What global ids name."""

import strawberry


@strawberry.interface(description="Anything that `node` finds by its id.")
class Node:
    id: strawberry.ID
