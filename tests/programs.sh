#!/usr/bin/env bash
# Installs the programs that the tests start, where that can be done: with apt, as root.
# A program that is still missing is skipped by its tests, with the reason, and fails them in CI.
set -euo pipefail

packages=()
need() { command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || packages+=("${@:2}"); }
need nginx nginx
need javac default-jdk-headless
need icegridregistry zeroc-icegrid
need glacier2router zeroc-glacier2
need icegridadmin zeroc-ice-utils
need icebox zeroc-icebox
need /usr/lib/python3/dist-packages/Ice python3-zeroc-ice
need /usr/lib/postgresql postgresql
need /usr/share/java/postgresql.jar libpostgresql-jdbc-java
need openssl openssl
need zsh zsh
need strace strace
need chromium chromium
need systemd-analyze systemd
need git git
need sshd openssh-server
need ssh-keygen openssh-client
need unshare util-linux
need shellcheck shellcheck # for ansible-test

[ "${#packages[@]}" -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "not installed, and their tests are skipped: ${packages[*]}" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -qy --no-install-recommends "${packages[@]}"
