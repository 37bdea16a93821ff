#!/usr/bin/env sh
# SPDX-License-Identifier: Apache-2.0
# WireViz draws with Graphviz, in DejaVu Sans: install Debian's where the machine has none.
set -eu
command -v dot >/dev/null 2>&1 && exit 0
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
echo "Installing Graphviz for the drawings of hardware/ ..."
if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq graphviz fonts-dejavu-core >/dev/null; }; then
    echo "Graphviz is missing and could not be installed: install it by hand ('apt-get install graphviz') and run again." >&2
    exit 1
fi
