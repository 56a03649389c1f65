"""Authlib, which knows OAuth 2.0 and nothing of us: a signed assertion or a certificate in place of a secret. Its clients
make no DPoP proofs, so there is no test of that."""
import datetime
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey

from helpers import ADMIN_TOKEN, CA, ISSUER, administrator, encode, unique, verified, world

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


def test_is_granted_a_bound_token_for_a_certificate(tmp_path):
    shown, stranger = certificate(tmp_path / "own"), certificate(tmp_path / "other")
    credential = {"credential_type": "x509_cert", "name": "own", "pem": shown[0].read_text()}
    with world(administrator()) as things, client_with("self_signed_tls_client_auth", credential, things) as client_id:
        binding = {"mechanism": "mtls", "required": True, "required_for": "all_clients"}
        manage("PATCH", f"resource-servers/{things.resource_server.id}", {"proof_of_possession": binding})
        manage("PATCH", "tenants/settings", {"mtls": {"enable_endpoint_aliases": True}})
        try:
            metadata = requests.get(f"{ISSUER}.well-known/openid-configuration", timeout=10).json()
            endpoint = metadata["mtls_endpoint_aliases"]["token_endpoint"]
            token = showing(client_id, shown).fetch_token(endpoint, audience=things.audience)
            fingerprint = x509.load_pem_x509_certificate(shown[0].read_bytes()).fingerprint(hashes.SHA256())
            assert verified(token["access_token"], things.audience)["cnf"] == {"x5t#S256": encode(fingerprint)}
            with pytest.raises(OAuthError) as refused:
                showing(client_id, stranger).fetch_token(endpoint, audience=things.audience)
            assert refused.value.error == "invalid_client"
        finally:
            manage("PATCH", "tenants/settings", {"mtls": {"enable_endpoint_aliases": False}})


def showing(client_id, certificate):
    client = OAuth2Session(client_id, token_endpoint_auth_method="none", grant_type="client_credentials")
    client.verify, client.cert = CA, tuple(map(str, certificate))
    return client


def certificate(folder):
    """A certificate of its own making and its key, as two files."""
    folder.mkdir()
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "caller")])
    now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
            .sign(key, hashes.SHA256()))
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(pem(key))
    return cert, private


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
    with world(administrator()) as things, client_with("private_key_jwt", credential, things) as client_id:
        yield SimpleNamespace(client_id=client_id, audience=things.audience), kind.import_key(pem(private))


@contextmanager
def client_with(method, credential, things):
    """An application that proves itself so, with a grant; the SDK's types name fewer algorithms than may be used."""
    client = manage("POST", "clients", {
        "name": unique("keyed"), "app_type": "non_interactive", "grant_types": ["client_credentials"],
        "jwt_configuration": {"alg": "RS256"},
        "client_authentication_methods": {method: {"credentials": [credential]}},
    })
    manage("POST", "client-grants", {
        "client_id": client["client_id"], "audience": things.audience, "scope": ["read:things"]})
    try:
        yield client["client_id"]
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
