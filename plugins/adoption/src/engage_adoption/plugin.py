"""The hooks of the adoption plugin."""

from collections.abc import Iterator

from engage_adoption import activation, calculation, card
from engage_adoption.config import AdoptionConfig, inputs
from engage_server.sdk import ComputeRequest, Manifest, Measurement, hookimpl


@hookimpl
def engage_manifest() -> Manifest:
    """The plugin's declaration."""
    return Manifest(
        id="adoption",
        sdk=">=1,<2",
        title="Product and feature adoption",
        config=AdoptionConfig,
        metrics=card.METRICS,
        inputs=inputs,
        translations={"en": "Product and feature adoption", "ko": "제품 및 기능 채택"},
    )


@hookimpl
def engage_compute(request: ComputeRequest[AdoptionConfig]) -> Iterator[Measurement]:
    """Feature adoption, features used per account and, where activation is defined, product adoption."""
    frames, config = request.inputs, request.config
    uses, active, accounts = frames["uses"], frames["active"], frames["accounts"]
    yield from calculation.feature_adoption(
        uses=uses, features=frames["features"], active=active, config=config, day=request.window.day
    )
    yield from calculation.features_used(uses=uses, active=active, accounts=accounts, config=config)
    if config.activation_event:
        yield from activation.product_adoption(
            signups=frames["signups"], accounts=accounts, config=config, end=request.window.end
        )
