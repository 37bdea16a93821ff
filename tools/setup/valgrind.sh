#!/usr/bin/env sh
# SPDX-License-Identifier: Apache-2.0
# What a message costs a device is counted by valgrind: install Debian's where the machine has none.
set -eu
command -v valgrind >/dev/null 2>&1 && exit 0
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
echo "Installing valgrind for the tests that count instructions ..."
if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq valgrind >/dev/null; }; then
    echo "valgrind is missing and could not be installed: install it by hand ('apt-get install valgrind') and run again." >&2
    exit 1
fi
