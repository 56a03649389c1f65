"""Authlib, which knows OAuth 2.0 and nothing of us: a signed assertion in place of a secret. Authlib's clients make no DPoP
proofs, so there is no test of that."""
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey

from helpers import ADMIN_TOKEN, CA, ISSUER, administrator, unique, verified, world

TOKEN_ENDPOINT = f"{ISSUER}oauth/token"
KEYS = {
    "RS256": (lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048), RSAKey),
    "RS384": (lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048), RSAKey),
    "PS256": (lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048), RSAKey),
    "ES256": (lambda: ec.generate_private_key(ec.SECP256R1()), ECKey),
    "EdDSA": (ed25519.Ed25519PrivateKey.generate, OKPKey),
}


@pytest.fixture(params=KEYS, ids=str)
def alg(request):
    return request.param


@pytest.mark.parametrize("audience", [TOKEN_ENDPOINT, ISSUER], ids=["token endpoint", "issuer"])
def test_is_granted_a_token_for_a_signed_assertion(alg, audience):
    with keyed(alg) as (things, key):
        token = session(things, key, alg, audience).fetch_token(TOKEN_ENDPOINT, audience=things.audience)
        assert token["token_type"] == "Bearer"
        assert verified(token["access_token"], things.audience)["azp"] == things.client_id


def test_is_refused_with_another_key(alg):
    with keyed(alg) as (things, _):
        generate, kind = KEYS[alg]
        stranger = kind.import_key(pem(generate()))
        with pytest.raises(OAuthError) as refused:
            session(things, stranger, alg).fetch_token(TOKEN_ENDPOINT, audience=things.audience)
        assert refused.value.error == "invalid_client"


def test_is_refused_for_another_audience(alg):
    with keyed(alg) as (things, key):
        with pytest.raises(OAuthError) as refused:
            session(things, key, alg, "https://elsewhere.example/").fetch_token(
                TOKEN_ENDPOINT, audience=things.audience)
        assert refused.value.error == "invalid_client"


def session(things, key, alg, audience=TOKEN_ENDPOINT):
    client = OAuth2Session(
        things.client_id, key, token_endpoint_auth_method="private_key_jwt", grant_type="client_credentials")
    # By itself it makes an assertion for an hour; like Auth0, the server believes none for more than five minutes.
    claims = {"exp": int(time.time()) + 60}
    client.register_client_auth_method(PrivateKeyJWT(audience, claims, alg=alg))
    client.verify = CA
    return client


@contextmanager
def keyed(alg):
    """An application that proves itself with a key of its own, on an API of its own."""
    generate, kind = KEYS[alg]
    private = generate()
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    credential = {"credential_type": "public_key", "name": alg, "alg": alg, "pem": public}
    with world(administrator()) as things:
        # The SDK's types name fewer algorithms than may be used.
        client = manage("POST", "clients", {
            "name": unique("keyed"), "app_type": "non_interactive", "grant_types": ["client_credentials"],
            "jwt_configuration": {"alg": "RS256"},
            "client_authentication_methods": {"private_key_jwt": {"credentials": [credential]}},
        })
        manage("POST", "client-grants", {
            "client_id": client["client_id"], "audience": things.audience, "scope": ["read:things"]})
        try:
            yield SimpleNamespace(client_id=client["client_id"], audience=things.audience), kind.import_key(pem(private))
        finally:
            manage("DELETE", f"clients/{client['client_id']}")


def manage(method, path, body=None):
    answer = requests.request(
        method, f"{ISSUER}api/v2/{path}", json=body, timeout=10, headers={"authorization": f"Bearer {ADMIN_TOKEN}"})
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def pem(private):
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
