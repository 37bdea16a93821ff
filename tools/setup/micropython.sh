#!/usr/bin/env sh
# SPDX-License-Identifier: Apache-2.0
# The tests build MicroPython with the firmware in it: get Debian's source package, and what compiles it for 32 bits.
# Sources of your own are taken instead when MICROPYTHON_SOURCE names their folder.
set -eu
release=trixie # the first that has one whose files the firmware's compiler writes (.mpy 6.3)
folder=build/micropython
multilib="" m32="" # other processors have none, and their tests leave 32 bits out
[ "$(uname -m)" != x86_64 ] || multilib=gcc-multilib m32=-m32
[ -n "${MICROPYTHON_SOURCE:-}" ] || [ -e "$folder/py/mpconfig.h" ] && [ -e /usr/include/mbedtls/aes.h ] &&
    echo 'int main(void) { return 0; }' | gcc $m32 -x c -o /dev/null - 2>/dev/null && exit 0
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
echo "Getting MicroPython's sources and a compiler for 32 bits, for the tests of the image ..."
give_up() {
    echo "MicroPython's sources are missing ($1): install gcc, $multilib and libmbedtls-dev by hand," >&2
    echo "say where the sources are with MICROPYTHON_SOURCE=/path/to/micropython, and run again." >&2
    exit 1
}
$as_root apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq gcc $multilib libmbedtls-dev make xz-utils >/dev/null ||
    give_up "apt-get install failed"
[ -z "${MICROPYTHON_SOURCE:-}" ] || exit 0

# From the mirror that this machine's apt uses; its lists of packages stay as they are.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v security | head -n 1)
[ -n "$mirror" ] || give_up "this machine's apt has no mirror of Debian"
mkdir -p build
work=$(mktemp -d "$PWD/build/.micropython-XXXXXX") # beside its place: the last step is a rename, which is whole or not there
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/lists/partial" "$work/source"
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$work/sources.list"
apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
        -o APT::Sandbox::User="$(id -un)" "$@"
}
apt update || give_up "no lists of $release"
(cd "$work" && apt source --download-only micropython >/dev/null) || give_up "no source package in $release"
tar -xJf "$work"/micropython_*.orig.tar.xz -C "$work/source" --strip-components=1
rm -rf "$folder"
mv "$work/source" "$folder"
