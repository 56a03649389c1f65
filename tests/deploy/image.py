"""The image that deploy/Dockerfile makes, put together by hand of what `make static` left, and entered as a container would
enter it: another root, a user without a name, /data and /tmp to write to, and not even /proc."""

import base64
import gzip
import http.client
import http.server
import io
import json
import os
import pathlib
import shlex
import shutil
import ssl
import subprocess
import tarfile
import threading
import time
from urllib.parse import urlencode, urlsplit

ROOT = pathlib.Path(__file__).resolve().parents[2]
# As docker counts them.
MEGABYTE = 1_000_000
LARGEST = 40 * MEGABYTE
AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"
PATIENCE = 120


def last_stage():
    """What the Dockerfile's last stage says, line by line: an instruction and its words."""
    lines = [line for line in (ROOT / "deploy/Dockerfile").read_text().splitlines() if line and not line.startswith("#")]
    begin = max(number for number, line in enumerate(lines) if line.startswith("FROM "))
    return [(line.split()[0], shlex.split(line)[1:]) for line in lines[begin:]]


class Image:
    """The root of a container."""

    def __init__(self, folder, binary):
        self.root = folder / "root"
        self.environment = {}
        self.user = None
        empty = folder / "empty"
        for name in ("data", "tmp"):
            (empty / name).mkdir(parents=True)
        # Where the stage before leaves them in the container is on the left.
        made = {
            "/countersign": binary, f"/{AUTHORITIES}": pathlib.Path("/", AUTHORITIES),
            "/src/target/bom/": ROOT / "target/bom", "/image/": empty,
        }
        for instruction, words in last_stage():
            if instruction == "COPY":
                source, destination = [word for word in words if not word.startswith("--")]
                self.copy(made[source], self.root / destination.strip("/"))
            elif instruction == "ENV":
                self.environment |= dict(word.split("=", 1) for word in words)
            elif instruction == "USER":
                self.user = words[0]
        if os.getuid() == 0:
            owner, group = map(int, self.user.split(":"))
            os.chown(self.root / "data", owner, group)
        (self.root / "tmp").chmod(0o1777)

    @staticmethod
    def copy(source, destination):
        if source.is_dir():
            shutil.copytree(source, destination, dirs_exist_ok=True)
        else:
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, destination)

    def files(self):
        return {str(path.relative_to(self.root)): path.stat().st_size for path in sorted(self.root.rglob("*")) if path.is_file()}

    def compressed(self):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(self.root, arcname=".")
        return len(gzip.compress(archive.getvalue(), 6))

    def command(self, *words):
        """The entry of the container, as whom it says; who is not root here is in a namespace where they are."""
        enter = ["chroot", f"--userspec={self.user}"] if os.getuid() == 0 else ["unshare", "--map-root-user", "chroot"]
        # Found by the path of this process; theirs is empty.
        return [shutil.which(enter[0]), *enter[1:], self.root, "/countersign", *words]

    def start(self, **environment):
        return Running(self, {**self.environment, **environment})


class Running:
    """The server in its container."""

    def __init__(self, image, environment):
        self.image, self.environment = image, environment
        run = image.root / "data/run.json"
        run.unlink(missing_ok=True)
        self.log = open(image.root.parent / "log", "ab")
        self.process = subprocess.Popen(image.command("serve"), env=environment, stdout=self.log, stderr=self.log)
        self.run = eventually(lambda: self.announced(run), "run.json")
        self.token = self.tell("admin", "token")

    def announced(self, run):
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}: {self.said()}"
        try:
            return json.loads(run.read_text())
        except (OSError, ValueError):
            return None

    def said(self):
        return (self.image.root.parent / "log").read_text(errors="replace")[-2000:]

    def tell(self, *words):
        done = subprocess.run(self.image.command(*words), env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout.strip()

    def ask(self, method, path, body=None, form=None, expect=(200, 201, 204)):
        connection = http.client.HTTPConnection(self.run["http"], timeout=PATIENCE)
        headers = {"Host": urlsplit(self.run["issuer"]).netloc, "Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        if form is None:
            headers["Authorization"] = f"Bearer {self.token}"
        else:
            headers["Content-Type"], text = "application/x-www-form-urlencoded", urlencode(form)
        connection.request(method, path, text, headers)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        assert answer.status in expect, f"{method} {path}: {answer.status} {said.decode(errors='replace')}"
        return json.loads(said) if said else None

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=PATIENCE)
        self.log.close()
        assert code == 0, f"the server ended with {code}: {self.said()}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class Listener:
    """A webhook on this machine, with a certificate of the server's own authority."""

    def __init__(self, folder):
        self.taken = taken = []

        class Webhook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                taken.extend(json.loads(line)["data"]["type"] for line in body.decode().splitlines())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "local.pem", folder / "local.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
        # Who does not believe the certificate hangs up.
        self.server.handle_error = lambda *_: None
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"https://127.0.0.1:{self.server.server_port}/events"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def eventually(probe, what):
    deadline = time.monotonic() + PATIENCE
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE} s"
        time.sleep(0.05)


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


AUDIENCE = "https://orders.example/"
CLAIM = "https://orders.example/when"
# What the engine says of the time of day, and code that would never end.
CODE = """exports.onExecuteCredentialsExchange = async (event, api) => {
  if (event.request.body.scope === "for:ever") for (;;);
  api.accessToken.setCustomClaim("%s", `${new Date(0).getTimezoneOffset()} ${new Date(0).getHours()}`);
};
""" % CLAIM


def serves_from_nothing(image):
    """The whole way: a token that an Action changed, an Action that is ended, and a webhook over HTTPS that is told of it."""
    settings = {"COUNTERSIGN_LISTEN": "127.0.0.1:0", "COUNTERSIGN_TLS_LISTEN": "127.0.0.1:0", "COUNTERSIGN_OUTBOUND_ALLOW": "[127.0.0.0/8]"}
    server, listener = image.start(**settings), None
    try:
        listener = Listener(image.root / "data/tls")
        client = server.ask("POST", "/api/v2/clients", {
            "name": "Till", "app_type": "non_interactive", "grant_types": ["client_credentials"],
        })
        server.ask("POST", "/api/v2/resource-servers", {"identifier": AUDIENCE, "name": "Orders", "scopes": [{"value": "for:ever"}]})
        server.ask("POST", "/api/v2/client-grants", {"client_id": client["client_id"], "audience": AUDIENCE, "scope": ["for:ever"]})
        action = server.ask("POST", "/api/v2/actions/actions", {
            "name": "When", "code": CODE, "supported_triggers": [{"id": "credentials-exchange", "version": "v2"}],
        })
        eventually(lambda: server.ask("GET", f"/api/v2/actions/actions/{action['id']}")["status"] == "built", "a built Action")
        server.ask("POST", f"/api/v2/actions/actions/{action['id']}/deploy")
        binding = {"display_name": "When", "ref": {"type": "action_name", "value": "When"}}
        server.ask("PATCH", "/api/v2/actions/triggers/credentials-exchange/bindings", {"bindings": [binding]})
        request = {
            "grant_type": "client_credentials", "audience": AUDIENCE,
            "client_id": client["client_id"], "client_secret": client["client_secret"],
        }

        def when():
            return claims(server.ask("POST", "/oauth/token", form=request)["access_token"])[CLAIM]

        assert when() == "0 0", "the engine is not in UTC"
        server.ask("POST", "/oauth/token", form={**request, "scope": "for:ever"}, expect=range(400, 600))
        assert when() == "0 0", "an Action that was ended ends those after it"

        sink = {"httpEndpoint": listener.address, "httpContentFormat": "JSONLINES"}
        stream = server.ask("POST", "/api/v2/log-streams", {"name": "Till", "type": "http", "sink": sink})
        when()
        health = f"/api/x/log-streams/{stream['id']}/health"
        problems = eventually(lambda: server.ask("GET", health)["problems"], "a problem with an authority that nobody knows")
        assert not listener.taken, f"{listener.taken} went to an authority that nobody knows"
        server.stop()
        with open(image.root / AUTHORITIES, "a") as known:
            known.write((image.root / "data/tls/ca.pem").read_text())
        server = image.start(**settings)
        eventually(lambda: "seccft" in listener.taken, f"the event of a token (before: {problems})")
        server.stop()
    finally:
        if listener:
            listener.close()
        if server.process.poll() is None:
            server.kill()
