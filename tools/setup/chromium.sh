#!/usr/bin/env sh
# SPDX-License-Identifier: Apache-2.0
# The page's tests run in a real Chromium: install Debian's where the machine has none.
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
echo "Installing Chromium for the page's tests ..."
if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq chromium >/dev/null; }; then
    echo "Chromium is missing and could not be installed: install it by hand ('apt-get install chromium') and run again." >&2
    exit 1
fi
