# shellcheck shell=sh
# usage: debian.sh CPACK CONFIG FOLDER
# Makes the Debian package and looks at what it says and holds.
set -eu
rm -rf "$3"
mkdir -p "$3"
cd "$3"
"$1" -G DEB --config "$2" -B "$3"
package=$(find "$3" -maxdepth 1 -name 'libarmature-dev_*.deb')
field() { dpkg-deb --field "$package" "$1"; }
dpkg-deb --contents "$package" >contents

expect() { # expect PATTERN FILE
  grep -Eq "$1" "$2" || {
    echo "not in $2: $1"
    cat "$2"
    exit 1
  }
}
field Depends >depends
expect 'libre2-dev' depends
expect 'libspdlog-dev' depends
expect './usr/include/armature/armature\.hpp$' contents
expect './usr/lib/.*/?libarmature_core\.a$' contents
expect './usr/lib/.*cmake/armature/armatureConfig\.cmake$' contents
expect './usr/lib/.*pkgconfig/armature\.pc$' contents
expect './usr/share/doc/libarmature-dev/copyright$' contents
[ "$(field Section)" = libdevel ]
