"""What was made for the day before serves again, and nothing that is older."""

from engage_server.sdk.recent import Recent


def made(recent: Recent, calls: list[str], key: str) -> str:
    def make() -> str:
        calls.append(key)
        return key.upper()

    return recent.made(key, make)


def test_a_thing_is_made_once_for_a_computation_and_the_next() -> None:
    recent, calls = Recent(), list[str]()
    for _ in range(3):
        recent.begin()
        assert [made(recent, calls, key) for key in "aba"] == ["A", "B", "A"]
    assert calls == ["a", "b"]


def test_what_a_computation_does_not_ask_for_is_let_go() -> None:
    recent, calls = Recent(), list[str]()
    made(recent, calls, "a")
    recent.begin()
    recent.begin()
    assert recent.get("a") is None
    made(recent, calls, "a")
    assert calls == ["a", "a"]
