#!/usr/bin/env bash
# Installs into several directories, and asks pkg-config and pkgconf, where they
# are, for the flags: as installed, and with `prefix` defined anew, as whoever
# moves the tree does (trial case F01): by hand, and by --define-prefix. That takes
# the directory two above the file for the prefix, whatever the file says, and is not
# asked where the prefix is another.
#
# usage: pkg-config.sh DIRECTORY       where to install; is emptied
set -euo pipefail
cd "$(dirname "$0")/.."

root=$1
count=0 failed=0
# Otherwise directories that every compiler knows are left out.
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1

programs=()
for program in pkg-config pkgconf; do
  command -v "$program" >/dev/null && programs+=("$program")
done
[ ${#programs[@]} -gt 0 ] || { echo "neither pkg-config nor pkgconf is here" >&2; exit 1; }

# expect FLAGS MOVED VARIABLE...: the flags of an installation by these variables
# of the Makefile, and those with prefix=/opt/x. A tree below DESTDIR has been moved,
# so that --define-prefix says the latter, with the place below DESTDIR.
expect() {
  local flags=$1 moved=$2 stage program got file prefix
  shift 2
  stage=$(mktemp -d "$root/XXXX")
  make --no-print-directory install DESTDIR="$stage" "$@" >"$root/log" 2>&1 || { cat "$root/log" >&2; exit 1; }
  file=$(find "$stage" -name routescope.pc)
  for program in "${programs[@]}"; do
    f01_flags "$flags" "$*"
    f01_flags "$moved" "$*" --define-variable=prefix=/opt/x
    prefix=$stage$(PKG_CONFIG_LIBDIR=$(dirname "$file") "$program" --variable=prefix routescope)
    [ -n "${elsewhere-}" ] || f01_flags "${moved//\/opt\/x/$prefix}" "$*" --define-prefix
  done
}

# f01_flags EXPECTED VARIABLES [OPTION...]
f01_flags() {
  local expected="$1 -lroutescope" variables=$2
  shift 2
  got=$(PKG_CONFIG_LIBDIR=$(dirname "$file") "$program" "$@" --cflags --libs routescope | xargs)
  count=$((count + 1))
  if [ "$got" != "$expected" ]; then
    failed=$((failed + 1))
    printf 'FAILED: %s: %s %s: %s, expected %s\n' "$variables" "$program" "$*" "$got" "$expected" >&2
  fi
}

rm -rf "$root"
mkdir -p "$root"
expect '-I/usr/local/include -L/usr/local/lib' '-I/opt/x/include -L/opt/x/lib'
expect '-I/usr/include -L/usr/lib' '-I/opt/x/include -L/opt/x/lib' PREFIX=/usr
expect '-I/usr/include -L/usr/lib' '-I/opt/x/include -L/opt/x/lib' PREFIX=/usr/
expect '-I/include -L/lib' '-I/opt/x/include -L/opt/x/lib' PREFIX=
expect '-I/include -L/lib' '-I/opt/x/include -L/opt/x/lib' PREFIX=/
elsewhere=yes expect '-I/usr/include -L/usr/lib/aarch64-linux-gnu' '-I/opt/x/include -L/opt/x/lib/aarch64-linux-gnu' \
  PREFIX=/usr LIBDIR=/usr/lib/aarch64-linux-gnu
expect '-I/usr/include/routescope -L/usr/lib64' '-I/opt/x/include/routescope -L/opt/x/lib64' \
  PREFIX=/usr LIBDIR=/usr/lib64/ INCLUDEDIR=/usr/include/routescope
elsewhere=yes expect '-I/srv/r -L/srv/r' '-I/opt/x -L/opt/x' PREFIX=/srv/r LIBDIR=/srv/r INCLUDEDIR=/srv/r
# Two below the prefix, though the libraries lie deeper.
expect '-I/usr/include -L/usr/lib/x86_64-linux-gnu' '-I/opt/x/include -L/opt/x/lib/x86_64-linux-gnu' \
  PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu PKGCONFIGDIR=/usr/lib/pkgconfig
# A folder outside the prefix is not moved, not even if its name begins like the prefix.
elsewhere=yes expect '-I/srv/r/include -L/srv/r-libs' '-I/opt/x/include -L/srv/r-libs' PREFIX=/srv/r LIBDIR=/srv/r-libs
expect '-I/srv/headers -L/srv/r/lib' '-I/srv/headers -L/opt/x/lib' PREFIX=/srv/r INCLUDEDIR=/srv/headers
rm -rf "$root"

printf '%d/%d answers of %s\n' $((count - failed)) "$count" "${programs[*]}"
[ "$failed" -eq 0 ]
