"""A small API behind PyJWT and its PyJWKClient: what it accepts, and above all what it refuses."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import jwt
import pytest
import requests

from helpers import access_token, administrator, expired, forgeries, jwks_client, verified, world

FLAVOURS = {
    "RS256": ({"signing_alg": "RS256"}, {"alg": "RS256", "typ": "JWT"}),
    "PS256": ({"signing_alg": "PS256"}, {"alg": "PS256", "typ": "JWT"}),
    "ES256": ({"signing_alg": "ES256"}, {"alg": "ES256", "typ": "JWT"}),
    "RFC 9068": ({"signing_alg": "RS256", "token_dialect": "rfc9068_profile"}, {"alg": "RS256", "typ": "at+jwt"}),
}


@pytest.fixture(scope="module", params=FLAVOURS, ids=str)
def api(request):
    options, header = FLAVOURS[request.param]
    management = administrator()
    with world(management, **options) as things, world(management, **options) as foreign, \
            world(management, **options, token_lifetime=1) as fleeting:
        stale = access_token(fleeting.client, fleeting.audience)
        with serve([things.audience, fleeting.audience], header["alg"]) as url:
            yield SimpleNamespace(
                url=url, header=header, good=access_token(things.client, things.audience), stale=stale,
                foreign=access_token(foreign.client, foreign.audience))


def test_signs_as_asked(api):
    header = jwt.get_unverified_header(api.good)
    assert header.pop("kid")
    assert header == api.header


def test_accepts_a_good_token(api):
    answer = call(api, "/things", api.good)
    assert answer.status_code == 200
    assert answer.json()["sub"].endswith("@clients")


def test_refuses_a_call_without_a_token(api):
    assert call(api, "/things").status_code == 401


def test_refuses_a_missing_scope(api):
    assert call(api, "/things/new", api.good).status_code == 403


def test_refuses_a_foreign_audience(api):
    refused(api, api.foreign, "InvalidAudienceError")


def test_refuses_an_expired_token(api):
    refused(api, expired(api.stale), "ExpiredSignatureError")


def test_refuses_every_forged_token(api, subtests):
    for attack, token in forgeries(api.good).items():
        with subtests.test(attack):
            refused(api, token)


def call(api, path, token=None):
    return requests.get(api.url + path, headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=10)


def refused(api, token, reason=None):
    answer = call(api, "/things", token)
    assert answer.status_code == 401
    if reason:
        assert answer.json()["reason"] == reason


class serve:
    """The API on a free loopback port, for as long as the block lasts."""

    def __init__(self, audience, algorithm):
        jwks = jwks_client()

        class Things(BaseHTTPRequestHandler):
            def do_GET(self):
                scheme, _, token = self.headers.get("Authorization", "").partition(" ")
                if scheme != "Bearer":
                    return self.answer(401, {})
                try:
                    claims = verified(token, audience, [algorithm], jwks)
                except jwt.PyJWKClientConnectionError as error:
                    return self.answer(500, {"reason": str(error)})
                except jwt.PyJWTError as error:
                    return self.answer(401, {"reason": type(error).__name__})
                needed = "write:things" if self.path == "/things/new" else "read:things"
                granted = needed in claims.get("scope", "").split()
                return self.answer(200 if granted else 403, claims)

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Things)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
