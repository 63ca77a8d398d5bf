#!/usr/bin/env bash
# What `make install` says of the place of the shared library, for whatever
# ldconfig says of it; then that each of the ways it names is one.
#
# usage: library-path.sh DIRECTORY       where to work; is emptied
set -euo pipefail
cd "$(dirname "$0")/.."

work=$1
count=0 failed=0
rm -rf "$work"
mkdir -p "$work/prefix" "$work/fake"
ln -s prefix/lib "$work/link"

# expect NAME COMMAND...: that the command succeeds.
expect() {
  local name=$1
  shift
  count=$((count + 1))
  if ! "$@" >/dev/null 2>&1; then
    failed=$((failed + 1))
    echo "FAILED: $name" >&2
  fi
}

fails() { ! "$@"; }

install_here() { make --no-print-directory install PREFIX="$work/prefix" "$@" 2>"$work/log" | grep -A9 '^note:' || true; }

# says NAME EXPECTED LISTED CACHED: the first words of the note, with an ldconfig
# that lists these directories, and has this path in its cache.
says() {
  local name=$1 expected=$2 listed=$3 cached=$4 said
  cat >"$work/fake/ldconfig" <<FAKE
#!/bin/sh
case \$1 in
  -p) printf '1 libs found in cache\n\tlibroutescope.so.1 (libc6,x86-64) => %s\n' '$cached' ;;
  *) printf '%s: (from /etc/ld.so.conf.d/x.conf:1)\n\tlibz.so.1 -> libz.so.1.2\n' $listed ;;
esac
FAKE
  chmod +x "$work/fake/ldconfig"
  said=$(PATH=$work/fake:$PATH install_here)
  # As much as is expected of it; but silence is all of it.
  expect "$name: $said" [ "${said:0:${#expected}}${expected:+...}" = "$expected${said:+...}" ]
}

lib=$work/prefix/lib
mkdir -p "$lib"
says 'nowhere' "note: ld.so does not look for libroutescope.so.1 in $lib" '/lib /usr/lib' /usr/lib/libroutescope.so.1
says 'listed' "note: programs find $lib/libroutescope.so.1 once" "/lib $lib" /usr/lib/libroutescope.so.1
says 'listed by another name' "note: programs find $lib/libroutescope.so.1 once" "$work/link" ''
says 'in the cache' '' "/lib $lib" "$lib/libroutescope.so.1"
says 'in the cache by another name' '' /lib "$work/link/libroutescope.so.1"
# The machine that it will run on is another one.
expect 'staged' [ -z "$(install_here DESTDIR="$work/stage")" ]

# The ways that the note names. Without one, the program does not start.
note=$("./library-path" "$lib" libroutescope.so.1)
flag=$(sed -n 's/.*link it with //p' <<<"$note")
cat >"$work/program.c" <<'C'
#include <routescope.h>
int main(void) { return routescope_abi_version() == ROUTESCOPE_ABI_VERSION ? 0 : 1; }
C
gcc -std=c99 -Iinclude "$work/program.c" -L"$lib" -lroutescope -o "$work/program"
gcc -std=c99 -Iinclude "$work/program.c" -L"$lib" -lroutescope "$flag" -o "$work/program-rpath"
variable=$(sed -n 's/.*: *\(LD_LIBRARY_PATH=.*\) PROGRAM/\1/p' <<<"$note")
expect 'no way' fails "$work/program"
expect 'rpath' "$work/program-rpath"
expect 'LD_LIBRARY_PATH' env "$variable" "$work/program"
# A separate cache stands in for the system's.
echo "$lib" >"$work/conf"
PATH=$PATH:/usr/sbin:/sbin
ldconfig -X -f "$work/conf" -C "$work/cache"
ldconfig -C "$work/cache" -p >"$work/cached"
expect 'ldconfig' grep -q "libroutescope.so.1 .*=> $lib/libroutescope.so.1$" "$work/cached"

rm -rf "$work"
printf '%d/%d notes and ways\n' $((count - failed)) "$count"
[ "$failed" -eq 0 ]
