"""What a text of a tenant's may cost to render: an end to its loops, its filters and everything that grows.

Filters that write a value in another alphabet, or letter by letter, are not among those: what is masked could be told by
them, and messages need none.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from liquid import BoundTemplate, DictLoader, Environment, Mode, RenderContext, StrictUndefined
from liquid.ast import Node
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.exceptions import LoopIterationLimitError, ResourceLimitError
from liquid.expression import Expression
from liquid.token import Token

MOST_ITEMS: Final = 1_000
"""In a range, and in a list that a filter takes."""
MOST_STEPS: Final = 40_000
"""Rounds of loops, each as long as the whole text: about a tenth of a second."""
MOST_FILTERED: Final = 2_000
"""Calls of filters."""
MOST_CHARACTERS: Final = 400_000
"""That filters take and give, all together."""
MOST_BITS: Final = 1_024
# They read other texts, of which there are none.
REFUSED_TAGS: Final = ("include", "render")
REFUSED_FILTERS: Final = (
    "base64_encode", "base64_decode", "base64_url_safe_encode", "base64_url_safe_decode",
    "url_encode", "url_decode", "split",
)  # fmt: skip
# Their result has the last argument once for each character, or item, of what they are given.
MULTIPLYING: Final = frozenset({"replace", "join"})


class LimitedContext(RenderContext):
    """Counts what one rendering has cost so far."""

    steps = 0
    filtered = 0
    characters = 0

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Count rounds of loops beside each other too, where the library counts those within each other."""
        super().raise_for_loop_limit(length)
        self.steps += length * _nodes_of(self.template)
        if self.steps > MOST_STEPS:
            raise LoopIterationLimitError("its loops have too many rounds", token=None)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """The library's filter, which counts what it takes before it is called, and what it gave."""
        made = super().filter(name, token)
        self.filtered += 1
        if self.filtered > MOST_FILTERED:
            raise ResourceLimitError(f"more than {MOST_FILTERED} filters are called", token=token)

        def counted(left: object, *positional: object, **named: object) -> object:
            sizes = [_size(one, token) for one in (left, *positional, *named.values())]
            growth = (sizes[0] + 1) * sizes[-1] if name in MULTIPLYING and len(sizes) > 1 else 0
            self._charge(sum(sizes) + growth, token)
            found = made(left, *positional, **named)
            self._charge(_size(found, token), token)
            return found

        return counted

    def _charge(self, characters: int, token: Token | None) -> None:
        self.characters += characters
        if self.characters > MOST_CHARACTERS:
            raise ResourceLimitError(f"its filters write more than {MOST_CHARACTERS} characters", token=token)


class LimitedTemplate(BoundTemplate):
    """A template whose renderings are counted."""

    context_class = LimitedContext


class LimitedEnvironment(Environment):
    """Python-liquid's, with an end to everything that a text could make long."""

    template_class = LimitedTemplate
    context_depth_limit = 10
    block_nesting_limit = 20
    loop_iteration_limit = MOST_ITEMS
    local_namespace_limit = 20_000
    output_stream_limit = 20_000


def environment() -> LimitedEnvironment:
    """Liquid, strict, without files and without what is refused."""
    made = LimitedEnvironment(
        tolerance=Mode.STRICT, undefined=StrictUndefined, strict_filters=True, loader=DictLoader({})
    )
    for tag in REFUSED_TAGS:
        del made.tags[tag]
    for name in REFUSED_FILTERS:
        del made.filters[name]
    return made


def require_short_ranges(template: BoundTemplate) -> None:
    """Go on with a template whose ranges are short: the library makes them whole, however little is done with them.

    Raises:
        ResourceLimitError: a range is long, or its ends are not written out.
    """
    context = RenderContext(template)
    for one in _parts(template, context):
        if not isinstance(one, RangeLiteral):
            continue
        start, stop = one.start, one.stop
        if not (isinstance(start, IntegerLiteral) and isinstance(stop, IntegerLiteral)):
            raise ResourceLimitError("the ends of a range are numbers that are written out", token=None)
        if stop.value - start.value >= MOST_ITEMS:
            raise ResourceLimitError(f"a range has at most {MOST_ITEMS} numbers", token=None)


@lru_cache(maxsize=256)
def _nodes_of(template: BoundTemplate) -> int:
    context = RenderContext(template)
    return sum(isinstance(one, Node) for one in _parts(template, context))


def _parts(template: BoundTemplate, context: RenderContext) -> Iterator[Node | Expression]:
    """Every node and expression of a template."""
    waiting: list[Any] = list(template.nodes)
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, Node):
            waiting += one.expressions()
            waiting += one.children(context)
        else:
            waiting += one.children()


def _size(value: object, token: Token | None) -> int:
    """How much there is of a value, about in characters.

    Raises:
        ResourceLimitError: it is a list, or a number, longer than filters may take or give.
    """
    match value:
        case str():
            return len(value)
        case list() | tuple() | range() | dict():
            if len(value) > MOST_ITEMS:
                raise ResourceLimitError(f"a list has more than {MOST_ITEMS} items", token=token)
            return sum(len(one) if isinstance(one, str) else 10 for one in value)
        case int() if value.bit_length() > MOST_BITS:
            raise ResourceLimitError("a number is too large", token=token)
        case _:
            return 10
