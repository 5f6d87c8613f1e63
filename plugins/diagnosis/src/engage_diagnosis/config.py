"""Rules over values of metrics, each with the cause that it hints at."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engage_server.sdk import PluginConfig

Kind = Literal["tenant", "account", "feature"]


class Condition(BaseModel):
    """That the value of a metric lies above or below a mark; the mark itself is neither."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str = Field(
        pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$",
        description="Full id: the plugin's, a dot, the metric's.",
    )
    above: float | None = Field(None, description="Holds where the value is larger.")
    below: float | None = Field(None, description="Holds where the value is smaller.")

    @model_validator(mode="after")
    def _has_one_mark(self) -> Self:
        if (self.above is None) is (self.below is None):
            raise ValueError(
                f"The condition on {self.metric} has two marks or none. Remedy: above or below, one of them."
            )
        return self

    def holds(self, value: float) -> bool:
        """Whether it holds of a value."""
        return value > self.above if self.above is not None else value < (self.below or 0.0)

    def __str__(self) -> str:
        """The condition in signs."""
        return (
            f"{self.metric} > {self.above:g}" if self.above is not None else f"{self.metric} < {self.below:g}"
        )


class Rule(BaseModel):
    """A cause, and what together hints at it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Its name in results.")
    subject: Kind = Field(
        "tenant", description="Whose values: the tenant's, each account's or each feature's."
    )
    conditions: tuple[Condition, ...] = Field(
        min_length=1, max_length=5, description="All of them must hold."
    )
    cause: str = Field(
        min_length=1, max_length=400, description="What may be behind it, and what to look at."
    )
    cause_ko: str = Field("", max_length=400, description="The same in Korean.")


RULES = (
    Rule(
        id="hidden_feature",
        subject="feature",
        conditions=(Condition(metric="adoption.feature_adoption", below=10),),
        cause="Few use the feature: it may be hard to see. Check whether it is hidden in a sub-menu.",
        cause_ko="기능 사용률이 낮습니다. 하위 메뉴에 숨어 있어 잘 보이지 않는지 확인하세요.",
    ),
    Rule(
        id="price_or_one_time_need",
        conditions=(Condition(metric="churn.logo", above=5), Condition(metric="stickiness.ratio", above=20)),
        cause="Customers leave although they use the product much: the price may be wrong, or the need was a one-time one.",
        cause_ko="참여도는 높은데 이탈이 많습니다. 가격 전략에 문제가 있거나 일회성 니즈일 수 있습니다.",
    ),
    Rule(
        id="value_not_reached",
        conditions=(Condition(metric="churn.logo", above=5), Condition(metric="stickiness.ratio", below=10)),
        cause="Customers leave and hardly used the product: they may not have reached its value. Look at onboarding.",
        cause_ko="사용도 적고 이탈도 많습니다. 제품의 가치를 경험하지 못했을 수 있으니 온보딩을 점검하세요.",
    ),
    Rule(
        id="short_sessions",
        conditions=(Condition(metric="time_spent.session_duration", below=60),),
        cause="Sessions are short: users may not find what they came for, or the interface may be hard to use.",
        cause_ko="세션이 짧습니다. 원하는 것을 찾지 못하거나 사용하기 어려울 수 있습니다.",
    ),
    Rule(
        id="early_drop_off",
        conditions=(Condition(metric="retention.month", below=20),),
        cause="Most leave within the first month: the first steps may not lead to the value. Look at the first week.",
        cause_ko="첫 달에 대부분 떠납니다. 초기 경험이 핵심 가치로 이어지지 않을 수 있으니 첫 주를 살펴보세요.",
    ),
    Rule(
        id="bounce",
        conditions=(Condition(metric="time_spent.bounce_rate", above=60),),
        cause="Most visits end where they began: the first page may not be what was expected, or be slow.",
        cause_ko="대부분 첫 화면에서 나갑니다. 첫 화면이 기대와 다르거나 느릴 수 있습니다.",
    ),
    Rule(
        id="fluctuation",
        conditions=(Condition(metric="active_users.volatility", above=30),),
        cause="Use goes up and down: it may hang on occasions such as campaigns or month ends, and be no habit yet.",
        cause_ko="사용량 변동이 큽니다. 캠페인이나 월말 같은 계기에만 쓰이고 아직 습관이 되지 않았을 수 있습니다.",
    ),
)


class DiagnosisConfig(PluginConfig):
    """The rules, and what a value must rest on."""

    rules: tuple[Rule, ...] = Field(
        RULES, max_length=50, description="Marks are starting points: set your own."
    )
    minimum_n: int = Field(
        20,
        ge=1,
        le=100_000,
        description="Values that rest on fewer judge no rule: their sample size, whatever it counts.",
    )
    max_age_days: int = Field(7, ge=0, le=60, description="The oldest value that is looked at.")
    period_age_days: int = Field(
        31,
        ge=1,
        le=366,
        description="The oldest whole period that stands in for one that is not over, such as last month for this one.",
    )

    @model_validator(mode="after")
    def _rules_are_distinct_and_ask_others(self) -> Self:
        ids = [rule.id for rule in self.rules]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"Two rules are called {twice[0]}. Remedy: give each an id of its own.")
        if any(
            condition.metric.startswith("diagnosis.") for rule in self.rules for condition in rule.conditions
        ):
            raise ValueError("A rule asks for what the rules say. Remedy: name metrics of other plugins.")
        return self

    def of(self, kind: str) -> tuple[Rule, ...]:
        """The rules about subjects of a kind."""
        return tuple(rule for rule in self.rules if rule.subject == kind)
