# SPDX-License-Identifier: Apache-2.0
"""Time series for those who look: what bins held, what was used, how the fleet is; on SQLite or InfluxDB."""
