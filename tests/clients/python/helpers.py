"""What the test files share: the server under test as the runner announced it, one API with one
application and a grant made through the SDK, and the forged tokens no verifier may take."""
import base64
import hashlib
import hmac
import json
import os
import secrets
import ssl
import time
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import urlsplit

import jwt
import requests
from auth0.authentication import GetToken
from auth0.management import ManagementClient, ResourceServerScope
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa


def required(name):
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set: start the suite with tests/clients/run")
    return value


ISSUER = required("COUNTERSIGN_ISSUER")
ADMIN_TOKEN = required("COUNTERSIGN_ADMIN_TOKEN")
CA = required("COUNTERSIGN_CA")
DOMAIN = urlsplit(ISSUER).netloc
MANAGEMENT_AUDIENCE = f"{ISSUER}api/v2/"
JWKS = f"{ISSUER}.well-known/jwks.json"


def unique(prefix):
    return f"{prefix}-{secrets.token_hex(6)}"


def administrator():
    return ManagementClient(domain=DOMAIN, token=ADMIN_TOKEN)


@contextmanager
def world(management, scope=("read:things",), **api):
    """Makes one API, one application and the grant between them, and deletes them at the end."""
    resource_server = management.resource_servers.create(
        name=unique("things"),
        identifier=f"https://{unique('things')}.example/",
        scopes=[ResourceServerScope(value="read:things"), ResourceServerScope(value="write:things")],
        **api,
    )
    try:
        with application(management, resource_server.identifier, scope) as (client, grant):
            yield SimpleNamespace(
                resource_server=resource_server, client=client, grant=grant, audience=resource_server.identifier)
    finally:
        management.resource_servers.delete(resource_server.id)


@contextmanager
def application(management, audience, scope):
    """Makes an application granted `scope` on `audience`, and deletes it at the end."""
    client = management.clients.create(
        name=unique("caller"),
        app_type="non_interactive",
        grant_types=["client_credentials"],
        token_endpoint_auth_method="client_secret_post",
    )
    try:
        grant = management.client_grants.create(client_id=client.client_id, audience=audience, scope=list(scope))
        yield client, grant
    finally:
        management.clients.delete(client.client_id)


def get_token(client, secret=None):
    return GetToken(DOMAIN, client.client_id, client_secret=secret or client.client_secret)


def access_token(client, audience):
    return get_token(client).client_credentials(audience)["access_token"]


def jwks_client():
    return jwt.PyJWKClient(JWKS, ssl_context=ssl.create_default_context(cafile=CA))


def verified(token, audience, algorithms=("RS256",), jwks=None):
    """Verifies as PyJWT's manual says: the key by its id from the published set, the algorithm by our choice."""
    key = (jwks or jwks_client()).get_signing_key_from_jwt(token).key
    return jwt.decode(
        token, key, algorithms=list(algorithms), audience=audience, issuer=ISSUER,
        options={"require": ["exp", "iat", "iss", "aud", "sub"]})


def expired(token):
    """Waits until the clock has passed the token's `exp` by more than the rounding of one second."""
    claims = jwt.decode(token, options={"verify_signature": False})
    time.sleep(max(0, claims["exp"] + 1.1 - time.time()))
    return token


def eventually(probe, patience=10):
    """Repeats `probe` until it gives something, for answers the server writes behind the response."""
    deadline = time.monotonic() + patience
    while not (found := probe()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def forgeries(good):
    """Forges, from one good token, a token for every classic attack on a verifier; none may be accepted."""
    header, payload, signature = good.split(".")
    head = jwt.get_unverified_header(good)
    claims = jwt.decode(good, options={"verify_signature": False})
    published = next(key for key in requests.get(JWKS, timeout=10).json()["keys"] if key["kid"] == head["kid"])
    pem = jwt.PyJWK(published).key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    own = (ec.generate_private_key(ec.SECP256R1()) if head["alg"] == "ES256"
           else rsa.generate_private_key(public_exponent=65537, key_size=2048))
    jwk = json.loads(jwt.get_algorithm_by_name(head["alg"]).to_jwk(own.public_key()))

    def sign(body=claims, **changes):
        changed = {name: value for name, value in {**head, **changes}.items() if value is not None}
        return jwt.encode(body, own, algorithm=head["alg"], headers=changed)

    # PyJWT refuses to key an HMAC with a PEM, so the attack is put together by hand.
    confused = f"{encode({**head, 'alg': 'HS256'})}.{payload}"
    mac = hmac.new(pem, confused.encode(), hashlib.sha256).digest()
    flipped = bytearray(base64.urlsafe_b64decode(signature + "=="))
    flipped[len(flipped) // 2] ^= 1

    return {
        "a tampered payload": f"{header}.{encode({**claims, 'scope': 'read:things write:things'})}.{signature}",
        "a tampered header": f"{encode({**head, 'typ': 'JOSE'})}.{payload}.{signature}",
        "a tampered signature": f"{header}.{payload}.{encode(bytes(flipped))}",
        "a stripped signature": f"{header}.{payload}.",
        "alg none": f"{encode({**head, 'alg': 'none'})}.{payload}.",
        "alg none with the old signature": f"{encode({**head, 'alg': 'None'})}.{payload}.{signature}",
        "HS256 keyed with the public key": f"{confused}.{encode(mac)}",
        "a foreign key under our kid": sign(),
        "a foreign key in the jwk header": sign(kid=None, jwk=jwk),
        "a foreign key behind the jku header": sign(jku="https://keys.example/jwks.json"),
        "an unknown kid": sign(kid="no-such-key"),
        "a foreign issuer": sign({**claims, "iss": "https://elsewhere.example/"}),
        "no JWT at all": "not-a-token",
    }


def encode(value):
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
