"""Rotation and revocation of the signing key, through the typed models. Runs last (files run in order
of name): revoking the first key ends every token that it signed, the runner's included."""
import jwt
import pytest
from auth0.management import ManagementClient, UnauthorizedError

from helpers import DOMAIN, ISSUER, MANAGEMENT_AUDIENCE, access_token, administrator, unique, verified


def test_rotates_and_revokes():
    management = administrator()
    api = management.resource_servers.create(identifier=unique("urn:rotated"))
    client = management.clients.create(
        name=unique("rotator"), app_type="non_interactive", grant_types=["client_credentials"])
    scope = ["read:signing_keys", "update:signing_keys", "delete:clients", "delete:resource_servers"]
    for audience, granted in ((api.identifier, []), (MANAGEMENT_AUDIENCE, scope)):
        management.client_grants.create(client_id=client.client_id, audience=audience, scope=granted)
    try:
        old = access_token(client, api.identifier)
        keys = management.keys.signing.list()
        current, following = (next(key.kid for key in keys if getattr(key, role)) for role in ("current", "next"))
        assert kid(old) == current

        made = management.keys.signing.rotate()
        assert made.kid not in (current, following) and made.cert
        fresh = access_token(client, api.identifier)
        assert kid(fresh) == following
        assert verified(old, api.identifier)["iss"] == verified(fresh, api.identifier)["iss"] == ISSUER

        revoked = management.keys.signing.revoke(current)
        assert revoked.kid == current and revoked.revoked_at
        with pytest.raises(jwt.PyJWKClientError):
            verified(old, api.identifier)
        with pytest.raises(UnauthorizedError):
            ManagementClient(domain=DOMAIN, token=old).clients.list()
    finally:
        own = ManagementClient(domain=DOMAIN, client_id=client.client_id, client_secret=client.client_secret)
        own.resource_servers.delete(api.id)
        own.clients.delete(client.client_id)


def kid(token):
    return jwt.get_unverified_header(token)["kid"]
