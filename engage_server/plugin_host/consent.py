"""What a plugin reads of a tenant, in words, from what its inputs declare; and whether a tenant has agreed to it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from engage_server.plugin_host.exceptions import ConsentNeededError
from engage_server.sdk import Dataset, InputSpec, Read

WORDS: Final[Mapping[Dataset, str]] = {
    Dataset.EVENTS: "what persons did, and to which accounts they belong",
    Dataset.EVENT_CLASSES: "how the dictionary classes events",
    Dataset.NOTICES: "which events are notices",
    Dataset.EVENT_WEIGHTS: "the weights of events",
    Dataset.EVENT_FEATURES: "which features events belong to",
    Dataset.FEATURE_RELEASES: "when features were released",
    Dataset.SURVEY_RESPONSES: "answers to surveys",
    Dataset.FEEDBACK: "what was said in surveys and by your own people: tags, scores and about whom, not the words",
    Dataset.SUBSCRIPTIONS: "subscriptions with their seats and amounts",
    Dataset.LEDGER: "the ledger: costs, revenue and opportunities",
    Dataset.ACCOUNTS: "accounts with their plans and stages",
}
# Of what plugins' metrics have, each plugin is agreed to by itself: the name that it then bears, and the words.
OF_PLUGINS: Final[Mapping[Dataset, tuple[str, str]]] = {
    Dataset.METRIC_VALUES: ("METRICS OF {}", "values of the plugin {}"),
    Dataset.OVERRIDES: ("OVERRIDES OF {}", "what people set in place of values of {}, with their reasons"),
}


def reads_of(inputs: Mapping[str, InputSpec]) -> dict[str, str]:
    """What some inputs read: a sentence for each thing, by the name under which a tenant agrees to it."""
    found: dict[str, str] = {}
    for read in _widest(read for spec in inputs.values() for read in spec.reads):
        if read.dataset not in OF_PLUGINS or read.plugins is None:
            words = WORDS.get(read.dataset, read.dataset.name.lower().replace("_", " "))
            found[read.dataset.name] = f"{words}{_days(read)}"
            continue
        name, words = OF_PLUGINS[read.dataset]
        for plugin in sorted(read.plugins):
            found[name.format(plugin)] = f"{words.format(plugin)}{_days(read)}"
    return found


def not_agreed(plugin: str, reads: Mapping[str, str], agreed: Collection[str]) -> dict[str, str]:
    """What of the reads was not agreed to.

    An earlier server had plugins agreed to overrides of their own values under the bare name, and said so.
    """
    own = OF_PLUGINS[Dataset.OVERRIDES][0].format(plugin) if Dataset.OVERRIDES.name in agreed else None
    return {name: words for name, words in reads.items() if name not in agreed and name != own}


def require_consent(plugin: str, reads: Mapping[str, str], agreed: Collection[str]) -> None:
    """Return where all that the plugin reads was agreed to.

    Raises:
        ConsentNeededError: names what was not.
    """
    if missing := not_agreed(plugin, reads, agreed):
        raise ConsentNeededError(plugin, missing)


def _widest(reads: Iterable[Read]) -> list[Read]:
    """One read for each dataset and set of plugins: the one that sees most days."""
    widest: dict[tuple[Dataset, frozenset[str] | None], Read] = {}
    for read in reads:
        key = (read.dataset, read.plugins)
        widest[key] = max(read, widest.get(key, read), key=lambda one: (one.since_ever, _length(one)))
    return [widest[key] for key in sorted(widest, key=lambda key: (key[0].name, sorted(key[1] or ())))]


def _days(read: Read) -> str:
    if read.since_ever:
        return ", as far back as it is kept"
    return ", of the computed day" if _length(read) == 1 else f", of {_length(read)} days"


def _length(read: Read) -> int:
    """How far back it reaches, the computed day being the first of its days."""
    return read.days + read.ends_before
