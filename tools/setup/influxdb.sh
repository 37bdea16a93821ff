#!/usr/bin/env sh
# SPDX-License-Identifier: Apache-2.0
# Time series are tested on a real InfluxDB: install Debian's where the machine has none. Its service stays off.
set -eu
command -v influxd >/dev/null 2>&1 && exit 0
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
echo "Installing InfluxDB for the tests of time series ..."
if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq influxdb influxdb-client >/dev/null; }; then
    echo "InfluxDB is missing and could not be installed: install it by hand ('apt-get install influxdb influxdb-client') and run again." >&2
    exit 1
fi
if command -v systemctl >/dev/null 2>&1; then
    $as_root systemctl disable --now influxdb >/dev/null 2>&1 || true  # tests start their own, on a folder of their own
fi
