# Copyright (C) 2026 the gloox-si-multiple authors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
#
# What tests/run, samples/demo and .ci/run share. To be sourced by bash; expects $root, the top of the tree.

say()
{
  printf '\n== %s\n' "$*"
}

die()
{
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

missing_packages()
{
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

as_root()
{
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root, and there is no sudo: $*"
  fi
}

# Debian starts what it installs. Of Prosody only the program is wanted, so while packages are being installed services
# are not to be started, unless the machine has a policy of its own.
without_services()
{
  local policy=/usr/sbin/policy-rc.d ours=no status=0
  if [ ! -e "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  "$@" || status=$?
  [ "$ours" = no ] || as_root rm -f "$policy"
  return "$status"
}

# need_packages NAME...: installs those that are missing, and says which; with NO_INSTALL=yes it only names them.
need_packages()
{
  local missing prosody_was_missing=no
  command -v dpkg-query >/dev/null || { printf 'Not a Debian system. Needed are the likes of: %s\n' "$*"; return 0; }
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "${NO_INSTALL:-no}" = yes ]; then
    printf 'Not installed, as asked: %s\n' "${missing//$'\n'/ }"
    return 0
  fi
  say "installing ${missing//$'\n'/ }"
  case $'\n'$missing$'\n' in *$'\nprosody\n'*) prosody_was_missing=yes ;; esac
  if [ "${apt_updated:-no}" = no ]; then
    as_root apt-get update -q </dev/null || die "apt-get update failed"
    apt_updated=yes
  fi
  # shellcheck disable=SC2086
  without_services as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $missing </dev/null || die "apt-get install failed"
  if [ "$prosody_was_missing" = yes ] && [ -d /run/systemd/system ]; then
    as_root systemctl disable prosody.service || true
  fi
}

build_packages="g++ cmake ninja-build pkg-config ccache libgloox-dev libssl-dev"
test_packages="catch2 libxml2-dev python3 binutils groff-base man-db"
server_packages="prosody openssl python3 python3-slixmpp"
memcheck_packages="valgrind binutils"
lint_packages="clang-tidy cppcheck"
bench_packages="python3 binutils valgrind iproute2"

# The run-time libraries of Clang's sanitizers and libFuzzer are a package of their own where there is one.
need_clang()
{
  need_packages clang llvm
  ! apt-cache show libclang-rt-dev >/dev/null 2>&1 || need_packages libclang-rt-dev
}

# configure NAME CACHE [CMAKE-ARGUMENT...]: configures build/NAME from cmake/CACHE.cmake.
configure()
{
  local name=$1 cache=$2
  local -a generator=() launcher=()
  shift 2
  command -v cmake >/dev/null || die "cmake is not installed"
  if [ ! -e "$root/build/$name/CMakeCache.txt" ] && command -v ninja >/dev/null; then
    generator=(-G Ninja)
  fi
  if command -v ccache >/dev/null; then
    launcher=(-D CMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  say "configuring build/$name (cmake/$cache.cmake $*)"
  cmake -C "$root/cmake/$cache.cmake" "${generator[@]}" "${launcher[@]}" "$@" -S "$root" -B "$root/build/$name"
}

# build NAME CACHE [CMAKE-ARGUMENT...]: the same, and builds everything in it, or what $TARGET says.
build()
{
  configure "$@" || return
  say "building build/$1"
  cmake --build "$root/build/$1" --parallel "$(nproc)" --target "${TARGET:-all}"
}
