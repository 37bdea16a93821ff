# SPDX-License-Identifier: Apache-2.0
"""The parts of grafana-foundation-sdk that boards are made of.

It says of the classic board that it is deprecated in favour of one that only Grafana 13 reads. We stay with the classic
one, which file provisioning of all versions takes, and silence that one warning here.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import alerting, bargauge, common, dashboard, stat, table, timeseries
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.variants import Dataquery
    from grafana_foundation_sdk.models import alerting as alerting_models
    from grafana_foundation_sdk.models import common as common_models
    from grafana_foundation_sdk.models import dashboard as models
    from grafana_foundation_sdk.models import expr

__all__ = [
    "Builder",
    "Dataquery",
    "JSONEncoder",
    "alerting",
    "alerting_models",
    "bargauge",
    "common",
    "common_models",
    "dashboard",
    "expr",
    "models",
    "stat",
    "table",
    "timeseries",
]
