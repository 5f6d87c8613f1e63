"""The hooks of the license utilization plugin."""

from collections.abc import Iterator

from engage_license_utilization import calculation, card
from engage_license_utilization.config import LicenseUtilizationConfig, inputs
from engage_server.sdk import ComputeRequest, Manifest, Measurement, hookimpl


@hookimpl
def engage_manifest() -> Manifest:
    """The plugin's declaration."""
    return Manifest(
        id="license_utilization",
        sdk=">=1,<2",
        title="License utilization",
        config=LicenseUtilizationConfig,
        metrics=card.METRICS,
        inputs=inputs,
        translations={"en": "License utilization", "ko": "라이선스 활용률"},
    )


@hookimpl
def engage_compute(request: ComputeRequest[LicenseUtilizationConfig]) -> Iterator[Measurement]:
    """Utilization of the tenant and of every account."""
    return calculation.utilization(
        active=request.inputs["active"],
        seats=request.inputs["seats"],
        accounts=request.inputs["accounts"],
        config=request.config,
    )
