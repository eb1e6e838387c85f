# What scripts/* share; sourced, not run.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit

# shellcheck disable=SC2034 # the scripts that source this use them
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
  BOLD='' GREEN='' RED='' PLAIN=''
fi

say() { printf '%s\n' "$BOLD$*$PLAIN"; }
fail() {
  printf '%s\n' "$RED${0##*/}: $*$PLAIN" >&2
  exit 1
}

# The comment at the head of the script that runs.
usage() { awk 'NR > 1 { if (!sub(/^# ?/, "")) exit; print }' "$ROOT/scripts/${0##*/}"; }

# packages GROUP…: the lines of cmake/debian-packages.txt of these groups, as "name<tab>purpose".
packages() {
  awk -F' *[|] *' -v groups=" $* " \
    '!/^#/ && NF == 3 && index(groups, " " $2 " ") { print $1 "\t" $3 }' cmake/debian-packages.txt
}

# install_missing GROUP…: installs what is not there yet, saying what and why.
install_missing() {
  local name purpose missing=() as_root=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "Not a Debian system: these packages, by their Debian names, have to be there."
    packages "$@" | sed 's/^/  /'
    return
  fi
  while IFS=$'\t' read -r name purpose; do
    if [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null) != installed ]]; then
      missing+=("$name")
      printf '  %-22s %s\n' "$name" "$purpose"
    fi
  done < <(packages "$@")
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "the packages above are missing. As root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "Installing the packages above with apt-get"
  "${as_root[@]}" apt-get update --quiet=2 || fail "apt-get update failed"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet=2 --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get install failed: ${missing[*]}"
}
