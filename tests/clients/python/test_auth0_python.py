"""The Management API and the token endpoint, judged by Auth0's Python SDK: every answer has to parse
into the SDK's typed models."""
import datetime

import jwt
import pytest
from auth0.authentication.exceptions import Auth0Error
from auth0.management import (
    BadRequestError, ConflictError, ForbiddenError, ManagementClient, NotFoundError, ResourceServerScope,
    TenantSettingsFlags, UnauthorizedError,
)
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from helpers import (
    ADMIN_TOKEN, DOMAIN, ISSUER, MANAGEMENT_AUDIENCE, access_token, administrator, application, eventually,
    forgeries, get_token, unique, world,
)


@pytest.fixture(scope="module")
def management():
    return administrator()


@pytest.fixture(scope="module")
def things(management):
    with world(management, token_lifetime=600) as made:
        yield made


@pytest.fixture(scope="module")
def granted(management):
    """An application granted one scope of the Management API, and the SDK acting with its credentials."""
    with application(management, MANAGEMENT_AUDIENCE, ["read:clients"]) as (client, _):
        yield client, ManagementClient(domain=DOMAIN, client_id=client.client_id, client_secret=client.client_secret)


@pytest.fixture
def client(management):
    made = management.clients.create(
        name=unique("client"), app_type="non_interactive", description="made by a test",
        client_metadata={"kept": "yes", "changed": "old", "removed": "soon"})
    yield made
    management.clients.delete(made.client_id)


class TestGetToken:
    def test_is_granted_a_token_with_the_documented_claims(self, things):
        answer = get_token(things.client).client_credentials(things.audience)
        assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 600, "read:things")
        claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
        assert claims.pop("exp") - claims.pop("iat") == 600
        assert claims == {
            "iss": ISSUER, "sub": f"{things.client.client_id}@clients", "aud": things.audience,
            "azp": things.client.client_id, "gty": "client-credentials", "scope": "read:things",
        }

    def test_is_refused_with_a_wrong_secret(self, things):
        error = refused(lambda: get_token(things.client, "wrong").client_credentials(things.audience))
        assert (error.status_code, error.error_code, error.message) == (401, "access_denied", "Unauthorized")

    def test_is_refused_an_unknown_audience(self, things):
        error = refused(lambda: get_token(things.client).client_credentials("urn:nowhere"))
        assert (error.status_code, error.error_code) == (403, "access_denied")
        assert error.message == "Service not enabled within domain: urn:nowhere"


class TestClients:
    def test_creates_with_a_generated_id_and_secret(self, client):
        assert len(client.client_id) == 32 and client.client_id.isalnum()
        assert len(client.client_secret) == 64
        assert client.app_type == "non_interactive"
        assert client.is_first_party is True

    def test_gets_by_id(self, management, client):
        found = management.clients.get(client.client_id)
        assert (found.name, found.client_secret) == (client.name, client.client_secret)
        assert found.client_metadata == client.client_metadata

    def test_gets_only_the_fields_asked_for(self, management, client):
        found = management.clients.get(client.client_id, fields="name", include_fields=True)
        assert found.name == client.name
        assert found.app_type is None and found.client_secret is None

    def test_lists_in_pages_with_totals(self, management, client):
        pager = management.clients.list(per_page=2)
        assert (pager.response.start, pager.response.limit) == (0, 2)
        ids = [each.client_id for each in pager]
        assert client.client_id in ids
        assert len(set(ids)) == len(ids) == pager.response.total

    def test_merges_client_metadata_and_deletes_its_nulls(self, management, client):
        updated = management.clients.update(
            client.client_id, client_metadata={"changed": "new", "removed": None, "added": "too"})
        assert updated.client_metadata == {"kept": "yes", "changed": "new", "added": "too"}
        assert management.clients.get(client.client_id).description == "made by a test"

    def test_rotates_the_secret(self, management):
        with world(management) as made:
            rotated = management.clients.rotate_secret(made.client.client_id)
            assert rotated.client_secret != made.client.client_secret
            assert refused(lambda: access_token(made.client, made.audience)).status_code == 401
            assert access_token(rotated, made.audience)

    def test_lists_the_connections_of_a_client(self, management, client):
        for connection in management.clients.connections.get(client.client_id, take=10):
            assert connection.id

    def test_deletes(self, management):
        made = management.clients.create(name=unique("short-lived"))
        management.clients.delete(made.client_id)
        with pytest.raises(NotFoundError):
            management.clients.get(made.client_id)


class TestCredentials:
    def test_creates_lists_gets_updates_and_deletes(self, management, client):
        credentials = management.clients.credentials
        public, _ = key_pair()
        made = credentials.create(client.client_id, credential_type="public_key", name="test", pem=public, alg="RS256")
        assert made.id.startswith("cred_") and made.kid
        assert [each.id for each in credentials.list(client.client_id)] == [made.id]
        assert credentials.get(client.client_id, made.id).kid == made.kid
        later = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=30)
        assert credentials.update(client.client_id, made.id, expires_at=later).expires_at == later
        credentials.delete(client.client_id, made.id)
        assert credentials.list(client.client_id) == []


class TestResourceServers:
    def test_creates_with_the_measured_defaults(self, things):
        api = things.resource_server
        assert len(api.id) == 24
        assert (api.signing_alg, api.token_lifetime) == ("RS256", 600)
        assert [scope.value for scope in api.scopes] == ["read:things", "write:things"]

    def test_gets_by_id_and_by_identifier(self, management, things):
        by_id = management.resource_servers.get(things.resource_server.id)
        assert by_id == management.resource_servers.get(things.audience)

    def test_lists_with_totals_the_system_api_among_them(self, management, things):
        pager = management.resource_servers.list(per_page=2)
        found = list(pager)
        assert len(found) == pager.response.total
        assert things.audience in [api.identifier for api in found]
        assert next(api for api in found if api.identifier == MANAGEMENT_AUDIENCE).is_system is True

    def test_lists_by_identifier(self, management, things):
        found = list(management.resource_servers.list(identifiers=[things.audience], per_page=2))
        assert [api.id for api in found] == [things.resource_server.id]

    def test_updates_replacing_the_scopes(self, management):
        with world(management) as made:
            updated = management.resource_servers.update(
                made.resource_server.id, token_lifetime=60, scopes=[ResourceServerScope(value="other")])
            assert updated.token_lifetime == 60
            assert [scope.value for scope in updated.scopes] == ["other"]

    def test_deletes(self, management):
        made = management.resource_servers.create(identifier=unique("urn:short-lived"))
        management.resource_servers.delete(made.id)
        with pytest.raises(NotFoundError) as caught:
            management.resource_servers.get(made.id)
        assert caught.value.body["errorCode"] == "inexistent_resource_server"


class TestClientGrants:
    def test_creates(self, things):
        assert things.grant.id.startswith("cgr_")
        assert (things.grant.client_id, things.grant.audience) == (things.client.client_id, things.audience)
        assert things.grant.scope == ["read:things"]

    def test_gets_by_id(self, management, things):
        assert management.client_grants.get(things.grant.id).audience == things.audience

    def test_lists_by_client_and_by_audience(self, management, things):
        for query in ({"client_id": things.client.client_id}, {"audience": things.audience}):
            assert [grant.id for grant in management.client_grants.list(**query)] == [things.grant.id]

    def test_walks_the_list_by_checkpoint(self, management, things):
        with world(management) as other:
            pager = management.client_grants.list(take=1)
            assert len(pager.items) == 1 and pager.response.next
            ids = [grant.id for grant in pager]
            assert len(set(ids)) == len(ids)
            assert {things.grant.id, other.grant.id} <= set(ids)

    def test_updates_the_scope(self, management):
        with world(management) as made:
            updated = management.client_grants.update(made.grant.id, scope=["read:things", "write:things"])
            assert updated.scope == ["read:things", "write:things"]

    def test_lists_the_organizations_of_a_grant(self, management, things):
        assert list(management.client_grants.organizations.list(things.grant.id)) == []

    def test_deletes(self, management):
        with world(management) as made:
            management.client_grants.delete(made.grant.id)
            with pytest.raises(NotFoundError) as caught:
                management.client_grants.get(made.grant.id)
            assert caught.value.body["errorCode"] == "inexistent_client_grant"


class TestTenantKeysAndLogs:
    def test_gets_and_updates_the_tenant_settings(self, management):
        before = management.tenants.settings.get()
        renamed = unique("tenant")
        flags = TenantSettingsFlags(remove_alg_from_jwks=False)
        assert management.tenants.settings.update(friendly_name=renamed, flags=flags).friendly_name == renamed
        assert management.tenants.settings.get(fields="friendly_name").friendly_name == renamed
        management.tenants.settings.update(friendly_name=before.friendly_name or "Countersign")

    def test_lists_the_signing_keys(self, management):
        keys = management.keys.signing.list()
        assert [sum(bool(key.current) for key in keys), sum(bool(key.next) for key in keys)] == [1, 1]
        for key in keys:
            assert key.cert.startswith("-----BEGIN CERTIFICATE-----") and key.fingerprint and key.thumbprint
            assert management.keys.signing.get(key.kid).kid == key.kid

    def test_lists_the_encryption_keys(self, management):
        pager = management.keys.encryption.list()
        keys = list(pager)
        assert len(keys) == pager.response.total
        for key in keys:
            assert management.keys.encryption.get(key.kid).type == key.type

    def test_lists_the_logs_and_gets_one_of_them(self, management, things):
        access_token(things.client, things.audience)

        def issued():
            page = management.logs.list(per_page=50, sort="date:-1").items
            return [log for log in page if log.type == "seccft" and log.client_id == things.client.client_id]

        found = eventually(issued)
        assert found, "the issued token is logged"
        assert management.logs.get(found[0].log_id).client_id == things.client.client_id


class TestOwnCredentials:
    def test_fetches_its_own_token_and_calls(self, granted):
        client, own = granted
        assert own.clients.get(client.client_id).name == client.name

    def test_is_refused_what_was_not_granted(self, granted):
        _, own = granted
        with pytest.raises(ForbiddenError) as caught:
            own.clients.create(name=unique("never"))
        assert caught.value.body["errorCode"] == "insufficient_scope"
        assert "create:clients" in caught.value.body["message"]


class TestErrors:
    def test_404_of_an_unknown_client(self, management):
        with pytest.raises(NotFoundError) as caught:
            management.clients.get("no-such-client")
        assert caught.value.status_code == 404
        assert caught.value.body == {
            "statusCode": 404, "error": "Not Found", "message": "The client does not exist",
            "errorCode": "inexistent_client",
        }

    def test_409_of_an_identifier_in_use(self, management, things):
        with pytest.raises(ConflictError) as caught:
            management.resource_servers.create(identifier=things.audience)
        assert "already exists" in caught.value.body["message"]

    def test_409_of_a_second_grant(self, management, things):
        with pytest.raises(ConflictError) as caught:
            management.client_grants.create(client_id=things.client.client_id, audience=things.audience, scope=[])
        assert "already exists" in caught.value.body["message"]

    def test_400_of_an_unknown_property(self, management):
        with pytest.raises(BadRequestError) as caught:
            management.clients.create(
                name="x", request_options={"additional_body_parameters": {"no_such_property": 1}})
        assert caught.value.body["errorCode"] == "invalid_body"
        assert "Additional properties not allowed: no_such_property" in caught.value.body["message"]

    def test_401_of_every_forged_token(self, subtests):
        for attack, token in forgeries(ADMIN_TOKEN).items():
            with subtests.test(attack), pytest.raises(UnauthorizedError):
                ManagementClient(domain=DOMAIN, token=token).clients.list()


def refused(call):
    with pytest.raises(Auth0Error) as caught:
        call()
    return caught.value


def key_pair():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.decode(), private
