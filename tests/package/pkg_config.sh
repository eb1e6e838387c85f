# shellcheck shell=sh
# usage: pkg_config.sh COMPILER SOURCE PROGRAM
# Builds a program with nothing but what pkg-config says about armature, and runs it.
set -eu
flags=$(pkg-config --cflags --libs armature)
# shellcheck disable=SC2086 # the flags are words
"$1" -std=c++20 "$2" -o "$3" $flags
"$3"
