"""People, roles, tickets and jobs over the Management API, judged by Auth0's Python SDK: every answer has to parse into
the SDK's typed models."""
import gzip
import json

import jwt
import pytest
import requests
from auth0.management import (
    BadRequestError, ConflictError, CreateExportUsersFields, NotFoundError, PermissionRequestPayload,
)

from helpers import CA, ISSUER, administrator, eventually, get_token, unique, world

REALM = "Username-Password-Authentication"
PASSWORD_REALM = "http://auth0.com/oauth/grant-type/password-realm"


@pytest.fixture(scope="module")
def management():
    return administrator()


@pytest.fixture(scope="module")
def make_user(management):
    made = []

    def make(**more):
        asked = {"connection": REALM, "email": f"{unique('mia')}@example.com", "password": f"{unique('Correct-Horse')}!", **more}
        user = management.users.create(**asked)
        made.append(user.user_id)
        return user, asked["password"]

    yield make
    for user_id in made:
        management.users.delete(user_id)


class TestUsers:
    def test_are_created_read_and_found_by_their_address(self, management, make_user):
        user, _ = make_user(given_name="Mia", app_metadata={"plan": "free"})
        found = management.users.get(user.user_id)
        assert (found.email, found.given_name, found.email_verified) == (user.email, "Mia", False)
        assert [(identity.connection, identity.provider) for identity in found.identities] == [(REALM, "auth0")]
        assert [each.user_id for each in management.users.list_users_by_email(email=user.email)] == [user.user_id]

    def test_keep_what_a_patch_of_their_metadata_does_not_name(self, management, make_user):
        user, _ = make_user(user_metadata={"colour": "blue", "size": "l"})
        patched = management.users.update(user.user_id, user_metadata={"colour": "red", "size": None})
        assert patched.user_metadata == {"colour": "red"}

    def test_are_searched_in_pages(self, management, make_user):
        family_name = unique("Family").replace("-", "")
        people = {make_user(family_name=family_name)[0].user_id for _ in range(3)}
        pager = management.users.list(q=f'family_name:"{family_name}"', search_engine="v3", per_page=2)
        assert {user.user_id for user in pager} == people
        with pytest.raises(BadRequestError):
            list(management.users.list(q='family_name:"open', search_engine="v3"))

    def test_are_linked_and_parted(self, management, make_user):
        (first, _), (second, _) = make_user(), make_user()
        provider, identifier = second.user_id.split("|")
        assert len(management.users.identities.link(first.user_id, provider=provider, user_id=identifier)) == 2
        with pytest.raises(NotFoundError):
            management.users.get(second.user_id)
        management.users.identities.delete(first.user_id, provider, identifier)
        assert management.users.get(second.user_id).email == second.email

    def test_are_refused_twice_with_one_address_and_with_a_weak_password(self, management, make_user):
        user, _ = make_user()
        with pytest.raises(ConflictError):
            make_user(email=user.email)
        with pytest.raises(BadRequestError):
            make_user(password="abc")


def test_roles_give_their_permissions_to_the_token(management, make_user):
    with world(management, enforce_policies=True, token_dialect="access_token_authz") as things:
        management.clients.update(things.client.client_id, grant_types=[PASSWORD_REALM])
        role = management.roles.create(name=unique("Editor"), description="Changes things")
        try:
            permission = PermissionRequestPayload(
                resource_server_identifier=things.audience, permission_name="read:things")
            management.roles.permissions.add(role.id, permissions=[permission])
            user, password = make_user()
            management.users.roles.assign(user.user_id, roles=[role.id])
            assert [each.id for each in management.users.roles.list(user.user_id)] == [role.id]
            assert [each.user_id for each in management.roles.users.list(role.id)] == [user.user_id]
            assert [each.permission_name for each in management.users.permissions.list(user.user_id)] == ["read:things"]
            answer = get_token(things.client).login(
                username=user.email, password=password, realm=REALM, audience=things.audience,
                scope="openid read:things write:things", grant_type=PASSWORD_REALM)
            claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
            assert claims["permissions"] == ["read:things"]
            management.users.roles.delete(user.user_id, roles=[role.id])
            assert list(management.users.permissions.list(user.user_id)) == []
        finally:
            management.roles.delete(role.id)


class TestTickets:
    def test_prove_an_address(self, management, make_user):
        user, _ = make_user()
        ticket = management.tickets.verify_email(user_id=user.user_id).ticket
        assert ticket.startswith(ISSUER)
        assert requests.get(ticket, verify=CA, timeout=10).ok
        assert management.users.get(user.user_id).email_verified

    def test_lead_to_the_form_for_another_password(self, management, make_user):
        user, _ = make_user()
        ticket = management.tickets.change_password(user_id=user.user_id).ticket
        answer = requests.get(ticket, verify=CA, timeout=10)
        assert answer.ok and 'type="password"' in answer.text


@pytest.fixture(scope="module")
def connection_id(management):
    return next(iter(management.connections.list(name=REALM))).id


def ended(management, job):
    def probe():
        state = management.jobs.get(job.id)
        return state if state.status in ("completed", "failed") else None
    return eventually(probe, patience=30)


class TestJobs:
    def test_import_users_and_tell_of_each_that_failed(self, management, connection_id):
        email = f"{unique('imported')}@example.com"
        file = json.dumps([{"email": email, "given_name": "Im"}, {"email": "no address"}]).encode()
        job = ended(management, management.jobs.users_imports.create(
            users=("users.json", file, "application/json"), connection_id=connection_id, send_completion_email=False))
        assert (job.status, job.summary.inserted, job.summary.failed) == ("completed", 1, 1)
        assert len(management.jobs.errors.get(job.id)) == 1
        (found,) = management.users.list_users_by_email(email=email)
        assert found.given_name == "Im"
        management.users.delete(found.user_id)

    def test_export_users_to_a_link(self, management, connection_id, make_user):
        user, _ = make_user()
        fields = [CreateExportUsersFields(name="user_id"), CreateExportUsersFields(name="email")]
        job = ended(management, management.jobs.users_exports.create(
            connection_id=connection_id, format="json", fields=fields))
        assert job.status == "completed"
        file = requests.get(job.location, verify=CA, timeout=10).content
        lines = (gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file).decode().splitlines()
        assert {"user_id": user.user_id, "email": user.email} in [json.loads(line) for line in lines]
