# SPDX-License-Identifier: Apache-2.0
"""Grafana boards and alert rules over the fleet's time series: made here, committed ready to load in `grafana/`."""
