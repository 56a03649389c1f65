"""People's tokens without a browser, judged by Auth0's Python SDK: signing up, the password grants, refreshing and
revoking."""
import jwt
import pytest
from auth0.authentication import Database, RevokeToken, Users
from auth0.authentication.exceptions import Auth0Error

from helpers import DOMAIN, ISSUER, administrator, get_token, unique, world

REALM = "Username-Password-Authentication"
SCOPE = "openid profile email offline_access read:things"


@pytest.fixture(scope="module")
def things():
    management = administrator()
    with world(management) as made:
        management.resource_servers.update(made.resource_server.id, allow_offline_access=True)
        management.clients.update(
            made.client.client_id,
            grant_types=[
                "client_credentials", "password", "http://auth0.com/oauth/grant-type/password-realm", "refresh_token",
            ])
        yield made


@pytest.fixture(scope="module")
def person(things):
    email, password = f"{unique('ben')}@example.com", f"{unique('Correct-Horse')}!"
    made = Database(DOMAIN, things.client.client_id).signup(email=email, password=password, connection=REALM)
    assert made["email"] == email
    return email, password


def log_in(things, person, **more):
    email, password = person
    asked = {"username": email, "password": password, "realm": REALM, "audience": things.audience, "scope": SCOPE,
             "grant_type": "http://auth0.com/oauth/grant-type/password-realm", **more}
    return get_token(things.client).login(**asked)


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def refused(call):
    with pytest.raises(Auth0Error) as caught:
        call()
    return caught.value.status_code, caught.value.error_code


def test_a_password_stands_for_its_person(things, person):
    answer = log_in(things, person)
    assert (answer["token_type"], answer["scope"]) == ("Bearer", SCOPE)
    token = claims(answer["access_token"])
    assert (token["iss"], token["gty"]) == (ISSUER, "password")
    assert Users(DOMAIN).userinfo(answer["access_token"])["email"] == person[0]


def test_a_wrong_password_is_refused(things, person):
    assert refused(lambda: log_in(things, person, password="wrong")) == (403, "invalid_grant")


def test_a_refresh_token_that_comes_twice_ends_its_family(things, person):
    first = log_in(things, person)["refresh_token"]
    answer = get_token(things.client).refresh_token(first)
    second = answer.get("refresh_token", first)
    assert claims(answer["id_token"])["email"] == person[0]
    if second != first:
        assert refused(lambda: get_token(things.client).refresh_token(first)) == (403, "invalid_grant")
        assert refused(lambda: get_token(things.client).refresh_token(second)) == (403, "invalid_grant")


def test_a_revoked_refresh_token_is_worth_nothing(things, person):
    token = log_in(things, person)["refresh_token"]
    client = things.client
    RevokeToken(DOMAIN, client.client_id, client_secret=client.client_secret).revoke_refresh_token(token)
    assert refused(lambda: get_token(client).refresh_token(token)) == (403, "invalid_grant")
