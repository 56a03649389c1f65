"""The helper against the program that COUNTERSIGN_BINARY names."""
import base64
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import countersign_dev

HOUR = datetime.timedelta(hours=1)


def part(token, number):
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def fetched(url, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
        return json.load(response)


def published(tenant):
    return {key["kid"] for key in fetched(tenant.jwks_uri)["keys"]}


class Dev(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = countersign_dev.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def refused(self, status, call, *words, **named):
        with self.assertRaises(countersign_dev.Error) as raised:
            call(*words, **named)
        self.assertEqual(raised.exception.status, status)

    def test_a_tenant_has_an_issuer_an_application_and_an_api_of_its_own(self):
        one, other = self.server.new_tenant(), self.server.new_tenant(scopes=["a", "b"], audience="urn:b")
        # Over HTTPS, whose authority this process believes.
        self.assertEqual(fetched(f"{other.issuer}.well-known/openid-configuration")["issuer"], other.issuer)
        answer = other.token()
        claims = part(answer["access_token"], 1)
        self.assertEqual((claims["iss"], claims["aud"], answer["scope"]), (other.issuer, "urn:b", "a b"))
        kid = part(answer["access_token"], 0)["kid"]
        self.assertIn(kid, published(other))
        self.assertNotIn(kid, published(one))
        self.refused(401, one.token, client_id=other.client_id)
        self.refused(400, self.server.new_tenant, colour="red")

    def test_clocks(self):
        one, other = self.server.new_tenant(), self.server.new_tenant()
        noon = datetime.datetime(2031, 5, 6, 12, tzinfo=datetime.timezone.utc)
        self.assertEqual(one.clock.set(noon, stands=True), noon)
        self.assertEqual(one.clock.advance(HOUR), noon + HOUR)
        self.assertEqual(part(one.token()["access_token"], 1)["iat"], int((noon + HOUR).timestamp()))
        self.assertLess(abs(part(other.token()["access_token"], 1)["iat"] - time.time()), 60)
        self.server.clock.advance(7200)
        self.assertLess(abs(other.clock.now().timestamp() - time.time() - 7200), 60)
        self.server.clock.reset()
        self.assertLess(abs(one.clock.now().timestamp() - time.time()), 60)

    def test_faults(self):
        tenant = self.server.new_tenant()
        kids = published(tenant)
        tenant.fault("status", status=429, path="/oauth/token", times=2)
        self.refused(429, tenant.token)
        self.refused(429, tenant.token)
        tenant.fault("latency", milliseconds=300)
        began = time.monotonic()
        tenant.token()
        self.assertGreaterEqual(time.monotonic() - began, 0.3)
        tenant.fault("wrong_kid")
        self.assertNotIn(part(tenant.token()["access_token"], 0)["kid"], kids)
        tenant.fault("expired_token")
        self.assertLess(part(tenant.token()["access_token"], 1)["exp"], time.time() - 3000)
        self.assertIn(part(tenant.token()["access_token"], 0)["kid"], kids)
        tenant.fault("rotated_key")
        rotated = part(tenant.token()["access_token"], 0)["kid"]
        self.assertNotIn(rotated, kids)
        self.assertIn(rotated, published(tenant))
        waiting = tenant.fault("status", status=503, times=None)
        self.refused(503, tenant.token)
        self.assertEqual([(one["id"], one["happened"]) for one in tenant.faults()], [(waiting["id"], 1)])
        tenant.remove_fault(waiting["id"])
        tenant.fault("status", times=None)
        tenant.clear_faults()
        tenant.token()
        self.refused(400, tenant.fault, "fire")

    def test_keys_management_and_removal(self):
        tenant = self.server.new_tenant(name="shop", seed={"resourceServers": [{"name": "Orders", "identifier": "urn:orders"}]})
        before = published(tenant)
        apis = fetched(f"{tenant.http}api/v2/resource-servers", tenant.management_token())
        self.assertIn("urn:orders", [api["identifier"] for api in apis])
        tenant.rotate_keys()
        self.assertNotIn(part(tenant.token()["access_token"], 0)["kid"], before)
        self.refused(409, self.server.new_tenant, name="shop")
        tenant.remove()
        self.refused(404, tenant.clock.now)
        with self.assertRaises(OSError):
            fetched(f"{tenant.http}.well-known/jwks.json")

    def test_nothing_is_left_behind(self):
        with tempfile.TemporaryDirectory() as folder:
            seed = Path(folder, "tenant.yaml")
            seed.write_text("resourceServers: [{ name: Orders, identifier: 'urn:orders' }]\n")
            before = os.environ.get("SSL_CERT_FILE")
            with countersign_dev.start(seed=str(seed)) as own:
                kept = Path(own.ca).parent.parent
                self.assertTrue(kept.is_dir())
                authority = Path(own.ca).read_text().strip()
                self.assertIn(authority, Path(os.environ["SSL_CERT_FILE"]).read_text())
                apis = fetched(f"{own.tenant.http}api/v2/resource-servers", own.tenant.management_token())
                self.assertIn("urn:orders", [api["identifier"] for api in apis])
            self.assertFalse(kept.exists())
            self.assertEqual(os.environ.get("SSL_CERT_FILE"), before)
            self.assertNotIn(authority, Path(before).read_text())

    def test_servers_that_are_stopped_in_any_order_leave_what_was_believed(self):
        variables = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
        believed = {name: os.environ.get(name) for name in variables}
        one, other = countersign_dev.start(), countersign_dev.start()
        one.stop()
        for name in variables:
            text = Path(os.environ[name]).read_text()
            self.assertIn(Path(other.ca).read_text().strip(), text)
            self.assertIn(Path(self.server.ca).read_text().strip(), text)
        issuer = other.new_tenant().issuer
        self.assertEqual(fetched(f"{issuer}.well-known/openid-configuration")["issuer"], issuer)
        other.stop()
        other.stop()
        self.assertEqual({name: os.environ.get(name) for name in variables}, believed)
        self.assertTrue(all(Path(file).is_file() for file in believed.values()))

    def test_what_is_believed_already_is_believed_beside_it(self):
        script = textwrap.dedent("""
            import os, sys, types, countersign_dev
            from pathlib import Path
            sys.modules["certifi"] = types.SimpleNamespace(where=lambda: sys.argv[1])
            with countersign_dev.start() as server:
                print([name for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if "OWN" in Path(os.environ[name]).read_text()])
                assert Path(server.ca).read_text().strip() in Path(os.environ["REQUESTS_CA_BUNDLE"]).read_text()
            print(os.environ.get("REQUESTS_CA_BUNDLE"))
        """)
        with tempfile.TemporaryDirectory() as folder:
            own, nothing = Path(folder, "own.pem"), Path(folder, "nothing.pem")
            own.write_text("-----BEGIN CERTIFICATE-----\nOWN\n-----END CERTIFICATE-----\n")
            nothing.write_text("")
            plain = {name: value for name, value in self.environment().items() if not name.endswith(("_CA_BUNDLE", "_CERT_FILE"))}
            for bundled, environment in [
                (own, {}),
                (nothing, {"REQUESTS_CA_BUNDLE": str(own)}),
                (nothing, {"REQUESTS_CA_BUNDLE": folder}),
                (nothing, {"CURL_CA_BUNDLE": str(own)}),
            ]:
                words = [sys.executable, "-c", script, str(bundled)]
                said = subprocess.run(words, env={**plain, **environment}, capture_output=True, text=True, check=True)
                expected = ["['REQUESTS_CA_BUNDLE']", str(environment.get("REQUESTS_CA_BUNDLE"))]
                self.assertEqual(said.stdout.splitlines(), expected)

    def test_whoever_is_killed_leaves_nothing_running(self):
        script = "import countersign_dev, time; print(countersign_dev.start().pid, flush=True); time.sleep(60)"
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=self.environment()) as process:
            pid = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
        for _ in range(100):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)
        self.fail("the server outlived whoever started it")

    def test_what_does_not_start_says_why(self):
        with self.assertRaisesRegex(countersign_dev.Error, "missing.yaml"):
            countersign_dev.start(seed="missing.yaml")
        with self.assertRaises(countersign_dev.Error):
            countersign_dev.start(binary="no-such-program")

    @staticmethod
    def environment():
        return {**os.environ, "PYTHONPATH": str(Path(countersign_dev.__file__).parent.parent)}


if __name__ == "__main__":
    unittest.main()
