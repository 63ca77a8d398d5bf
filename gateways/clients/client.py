"""Asks an API behind a gateway as a program in Python does, and prints what it sees.

    KEY=... python3 client.py http://127.0.0.1:8080

A line of JSON for each request: without a key, with the key, and for more than the key may.
"""

import json
import os
import sys
import urllib.error
import urllib.request

REQUESTS = (
    ("GET", "/api/v1/colleagues/", None),
    ("GET", "/api/v1/colleagues/", os.environ["KEY"]),
    ("PUT", "/api/v1/pbx/system/reboot/", os.environ["KEY"]),
)


def ask(method, url, key):
    request = urllib.request.Request(url, method=method)
    if key is not None:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        response = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        # A denial is an exception here, which has status, headers and body all the same.
        response = error
    with response:
        return {
            "status": response.status,
            "challenge": response.headers["WWW-Authenticate"],
            "accepted": response.headers["X-Accepted-Scopes"],
            "reason": response.headers["X-Denied-Reason"],
            "body": response.read().decode(),
        }


for method, path, key in REQUESTS:
    print(json.dumps(ask(method, sys.argv[1] + path, key)))
