"""Money in several currencies: dated rates of exchange as configuration, and frames brought into one currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from engage_server.sdk.manifest import PluginConfig

AMOUNT: Final = pl.Decimal(38, 10)
"""Amounts that were reckoned with: ten decimals, so that their sums and differences are exact."""
ISO_4217: Final = r"^[A-Z]{3}$"


class MissingRateError(ValueError):
    """Amounts of several currencies cannot be brought into one."""


class ExchangeRate(BaseModel):
    """What one unit of a currency is worth in the currency of the reports, from a day on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = Field(pattern=ISO_4217, description="The currency that is exchanged: three letters.")
    since: date = Field(description="First day of the rate; it holds until the next one of its currency.")
    rate: Decimal = Field(gt=0, max_digits=20, decimal_places=10, description="Worth of one unit of it.")


class MoneyConfig(PluginConfig):
    """Base of the configurations of plugins that add up money."""

    currency: str | None = Field(
        None,
        pattern=ISO_4217,
        description="Currency of the reports; blank: the one of the amounts, where all have the same.",
    )
    exchange_rates: tuple[ExchangeRate, ...] = Field(
        (), description="Dated rates of the other currencies; before a currency's first one, that one holds."
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.exchange_rates and self.currency is None:
            raise ValueError(
                "exchange_rates lead to no currency. Remedy: set currency to that of the reports."
            )
        known = sorted((one.currency, one.since) for one in self.exchange_rates)
        for one, following in pairwise(known):
            if one == following:
                raise ValueError(f"{one[0]} has two rates from {one[1]} on. Remedy: take one of them out.")
        if any(one.currency == self.currency for one in self.exchange_rates):
            raise ValueError(f"{self.currency} is the currency of the reports. Remedy: take its rate out.")
        return self


@dataclass(frozen=True, slots=True)
class Exchange:
    """Brings amounts into one currency. ``currency`` is empty where there is no amount and none is configured."""

    currency: str
    rates: Mapping[str, tuple[tuple[date, Decimal], ...]]

    @classmethod
    def of(cls, config: MoneyConfig, *frames: pl.DataFrame) -> Self:
        """Prepare for the amounts of the frames, which have a column ``currency``.

        Raises:
            MissingRateError: they are of several currencies, and the configuration names none for the reports.
        """
        used = sorted({one for frame in frames for one in frame["currency"].drop_nulls().unique()})
        if config.currency is None and len(used) > 1:
            raise MissingRateError(
                f"The amounts are in {' and '.join(used)}. Remedy: set currency to that of the reports and "
                "exchange_rates to a dated rate for each other one."
            )
        rates: dict[str, tuple[tuple[date, Decimal], ...]] = {}
        for one in sorted(config.exchange_rates, key=lambda rate: (rate.currency, rate.since)):
            rates[one.currency] = (*rates.get(one.currency, ()), (one.since, one.rate))
        return cls(config.currency or next(iter(used), ""), rates)

    def rate(self, currency: str, day: date) -> Decimal:
        """What one unit of the currency is worth on the day.

        Raises:
            MissingRateError: no rate of the currency is configured.
        """
        if currency == self.currency:
            return Decimal(1)
        dated = self.rates.get(currency)
        if dated is None:
            raise MissingRateError(
                f"There is an amount in {currency} and no rate of it in {self.currency}. Remedy: add one to exchange_rates."
            )
        return next((rate for since, rate in reversed(dated) if since <= day), dated[0][1])

    def convert(self, frame: pl.DataFrame, *, on: date | str) -> pl.DataFrame:
        """The frame with ``amount`` in the reports' currency, as AMOUNT, at the rates of ``on``: a day, or a column of days.

        Raises:
            MissingRateError: no rate of an amount's currency is configured.
        """
        exact = frame.with_columns(pl.col("amount").cast(AMOUNT))
        if exact.filter(pl.col("currency").ne_missing(self.currency)).is_empty():
            return exact
        days = pl.col(on) if isinstance(on, str) else pl.lit(on, dtype=pl.Date)
        exact = exact.with_columns(exchanged_on=days)
        keys = exact.select("currency", "exchanged_on").unique()
        known = keys.with_columns(rate=pl.Series([self.rate(*key) for key in keys.iter_rows()], dtype=AMOUNT))
        return (
            exact.join(known, on=["currency", "exchanged_on"], how="left", maintain_order="left")
            .with_columns(pl.col("amount") * pl.col("rate"))
            .drop("exchanged_on", "rate")
        )
