#!/usr/bin/env bash
# Sends requests to the example, each in a file as a connection would bring it,
# and compares its answers and its log with what they should be.
#
# usage: example.sh PROGRAM [ARGUMENT...]      the example, and what runs it
set -euo pipefail

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
ten=0123456789
eighty=$ten$ten$ten$ten$ten$ten$ten$ten
desk=wsk-v1-desk000000000$eighty
maintenance=wsk-v1-maintenance00$eighty
last_year=wsk-v1-lastyear00000$eighty
count=0 failed=0

# expect LOG STATUS HEADERS REQUEST-LINE [HEADER...]: lines of HEADERS end in \n.
expect() {
  local log=$1 status=$2 headers=$3 request=$4 got
  shift 4
  { printf '%s\r\n' "$request" "$@"; printf '\r\n'; } >"$work/request"
  got=$("${program[@]}" "$work/request" 2>"$work/log" | tr -d '\r' | grep -v '^Content-Length\|^Connection\|^$')
  count=$((count + 1))
  if [ "$got" != "HTTP/1.1 $status${headers:+$'\n'$headers}" ] || [ "$(sed 's/ *$//' "$work/log")" != "$log" ]; then
    failed=$((failed + 1))
    printf 'FAILED: %s\n%s\n%s\n' "$request" "$got" "$(cat "$work/log")" >&2
  fi
}

program=("$@")
host='Host: pbx.example'
invalid='WWW-Authenticate: Bearer error="invalid_token"'
get='GET /api/v1/colleagues/ HTTP/1.1'

expect 'allow /api/v1/colleagues/ colleagues:read' '200 OK' '' \
  "$get" "$host" "Authorization: Bearer $desk"
expect 'allow /api/v1/phonebooks/{phonebookid}/contacts/ phonebooks:*' '200 OK' '' \
  'GET /api/v1/phonebooks/7/contacts/?page=2 HTTP/1.1' "$host" "authorization:bearer  $desk  "
expect 'allow /api/v1/pbx/system/reboot/ pbx:*' '200 OK' '' \
  'PUT /api/v1/pbx/system/reboot/ HTTP/1.1' "Authorization: Bearer $maintenance" "$host"
expect 'missing_scope /api/v1/pbx/system/reboot/ pbxpower:*' '403 Forbidden' \
  $'WWW-Authenticate: Bearer error="insufficient_scope", scope="pbxpower:*"\nX-Accepted-Scopes: pbxpower:*, pbx:*' \
  'PUT /api/v1/pbx/system/reboot/ HTTP/1.1' "$host" "Authorization: Bearer $desk"
expect 'method_not_listed /api/v1/colleagues/' '403 Forbidden' '' \
  'DELETE /api/v1/colleagues/ HTTP/1.1' "Authorization: Bearer $maintenance"
expect 'bad_path dot_segment' '403 Forbidden' '' \
  'GET /api/v1/colleagues/../ HTTP/1.1' "Authorization: Bearer $maintenance"
expect 'unknown_route' '403 Forbidden' '' 'GET / HTTP/1.1' "Authorization: Bearer $maintenance"
expect 'bad_method' '403 Forbidden' '' 'get / HTTP/1.1' "Authorization: Bearer $maintenance"
expect 'missing_key' '401 Unauthorized' 'WWW-Authenticate: Bearer' "$get" "$host"
expect 'missing_key' '401 Unauthorized' 'WWW-Authenticate: Bearer' "$get" 'Authorization: Basic azow'
expect 'malformed_key' '401 Unauthorized' "$invalid" "$get" "Authorization: Bearer ${desk}0"
expect 'malformed_key' '401 Unauthorized' "$invalid" \
  "$get" "Authorization: Bearer $desk" "Authorization: Bearer $maintenance"
expect 'unknown_key' '401 Unauthorized' "$invalid" "$get" "Authorization: Bearer ${desk%9}8"
expect 'expired_key' '401 Unauthorized' "$invalid" "$get" "Authorization: Bearer $last_year"
expect '' '400 Bad Request' '' 'GET /api/v1/colleagues/' "$host"
expect '' '400 Bad Request' '' "$get" " Authorization: Bearer $desk"
expect '' '400 Bad Request' '' "$get" "Authorization : Bearer $desk"
expect '' '400 Bad Request' '' "$get" "Authorization: Bearer $desk" 'X-HTTP-Method-Override: DELETE'
expect '' '400 Bad Request' '' "$get" "X-Long: $(printf '%05000d' 0)" "Authorization: Bearer $desk"

printf '%d/%d requests\n' $((count - failed)) "$count"
[ "$failed" -eq 0 ]
