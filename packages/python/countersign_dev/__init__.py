"""Starts ``countersign dev``, waits for it and speaks its control API. It ends with the process that started it.

    with countersign_dev.start() as server:
        tenant = server.new_tenant(scopes=["read:orders"])
        tenant.token()["access_token"]
"""
from __future__ import annotations

import datetime
import json
import os
import selectors
import shutil
import ssl
import subprocess
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

__all__ = ["Clock", "Error", "Server", "Tenant", "start"]

# The server is this machine's: no proxy of the environment stands between.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


class Error(Exception):
    """What the server refused, with its ``status`` and ``answer``; or why it did not start."""

    def __init__(self, message, status=None, answer=None):
        super().__init__(message)
        self.status, self.answer = status, answer


def start(binary=None, seed=None, args=(), env=None, patience=30.0, trusted=True) -> Server:
    """Starts a server of one's own. With ``trusted``, this process believes its certificates until it is stopped."""
    program = binary or os.environ.get("COUNTERSIGN_BINARY") or "countersign"
    words = [program, "dev", "--json", "--stop-with-stdin", *(["--seed", seed] if seed else []), *args]
    # What configures another server is not for this one.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env={**inherited, **(env or {})})
        except OSError as error:
            raise Error(f"{program} cannot be started: {error}") from error
        try:
            return Server(process, _announced(process, said, patience), trusted)
        except BaseException:
            process.kill()
            process.communicate()
            raise


def _announced(process, said, patience):
    """The line with which the server says where everything is."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(patience):
            raise Error(f"countersign dev said nothing within {patience} s")
    line = process.stdout.readline()
    if line:
        return json.loads(line)
    code = process.wait()
    said.seek(0)
    raise Error(f"countersign dev stopped with {code}: {said.read().decode(errors='replace').strip()}")


class Server:
    """A running server."""

    def __init__(self, process, run, trusted):
        self._process, self._control = process, _Control(run["control"])
        self.pid, self.control, self.ca = run["pid"], run["control"], run["ca"]
        #: The tenant that is there from the start, and has what the seed says.
        self.tenant = Tenant(self._control, run["tenant"])
        #: The clock of the server and of all its tenants.
        self.clock = Clock(self._control, "/clock")
        self._is_trusted = trusted
        if trusted:
            _TRUST.add(self.ca)

    def new_tenant(self, **wanted) -> Tenant:
        """A tenant of one's own: ``name``, ``audience``, ``scopes``, ``application`` and ``seed`` may be given."""
        return Tenant(self._control, self._control.call("POST", "/tenants", wanted))

    def environment(self):
        """The variables with which another program believes the server's certificates."""
        return {name: self.ca for name in (*_VARIABLES, "NODE_EXTRA_CA_CERTS")}

    def stop(self):
        """Stops it; nothing is left behind."""
        if self._is_trusted:
            _TRUST.remove(self.ca)
            self._is_trusted = False
        if self._process.poll() is None:
            self._process.stdin.close()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class _Trust:
    """Which authorities this process believes: those of all servers that run, beside what it believed without them."""

    def __init__(self):
        self._lock, self._authorities, self._folder = threading.Lock(), {}, None
        # By variable, what it said before, and the authorities that this meant.
        self._before, self._known = {}, {}

    def add(self, authority):
        with self._lock:
            self._folder = self._folder or tempfile.mkdtemp()
            for name in _VARIABLES:
                value = os.environ.get(name)
                # Whoever has set it meanwhile means something.
                if value != self._file(name):
                    self._before[name], self._known[name] = value, _certificates(_known(name))
            self._authorities[authority] = _certificates(authority)
            self._write()
            os.environ.update({name: self._file(name) for name in _VARIABLES})

    def remove(self, authority):
        with self._lock:
            del self._authorities[authority]
            if self._authorities:
                self._write()
                return
            for name, value in self._before.items():
                if os.environ.get(name) != self._file(name):
                    continue
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
            shutil.rmtree(self._folder)
            self._before, self._known, self._folder = {}, {}, None

    def _file(self, name):
        return os.path.join(self._folder, f"{name.lower()}.pem")

    def _write(self):
        for name in _VARIABLES:
            descriptor, file = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(descriptor, "w") as bundle:
                bundle.write("\n".join([self._known[name], *self._authorities.values()]))
            # At once, for whoever reads it now.
            os.replace(file, self._file(name))


_TRUST = _Trust()


def _known(name):
    """Where the authorities are that a variable stands for, as its readers look for them."""
    set_to = os.environ.get(name)
    if name != "REQUESTS_CA_BUNDLE":
        return set_to or ssl.get_default_verify_paths().cafile
    try:
        import certifi
        bundled = certifi.where()
    except ImportError:
        bundled = None
    return set_to or os.environ.get("CURL_CA_BUNDLE") or bundled or _known("SSL_CERT_FILE")


def _certificates(place):
    """The certificates in a file, or in the files of a folder."""
    if not place:
        return ""
    files = sorted(Path(place).iterdir()) if Path(place).is_dir() else [Path(place)]
    texts = [file.read_text(errors="replace") for file in files if file.is_file()]
    return "\n".join(text for text in texts if "-----BEGIN" in text)


class Tenant:
    """A tenant, with an application that may call an API."""

    def __init__(self, control, told):
        self._control, self._path = control, f"/tenants/{urllib.parse.quote(told['name'], safe='')}"
        self.name, self.domain, self.issuer = told["name"], told["domain"], told["issuer"]
        self.token_endpoint, self.jwks_uri = told["token_endpoint"], told["jwks_uri"]
        #: The same over plain HTTP.
        self.http = told["http"]
        self.client_id, self.client_secret = told["client_id"], told["client_secret"]
        self.audience, self.scope = told["audience"], told["scope"]
        self.management_audience = told["management_audience"]
        self.clock = Clock(control, f"{self._path}/clock")

    def token(self, **parameters):
        """A token of the tenant's application for its API, as the answer of the token endpoint."""
        form = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.client_secret,
                "audience": self.audience, **parameters}
        return _answer(urllib.request.Request(f"{self.http}oauth/token", urllib.parse.urlencode(form).encode()))

    def management_token(self):
        """A token for the tenant's Management API with every scope."""
        return self._control.call("POST", f"{self._path}/management-token")["access_token"]

    def fault(self, fault, **details):
        """Lets something go wrong: status, latency, wrong_kid, expired_token or rotated_key, with ``path``, ``method``,
        ``times``, ``skip``, ``status``, ``retry_after``, ``body`` and ``milliseconds``."""
        return self._control.call("POST", f"{self._path}/faults", {"fault": fault, **details})

    def faults(self):
        """The faults that wait."""
        return self._control.call("GET", f"{self._path}/faults")["faults"]

    def remove_fault(self, identifier):
        self._control.call("DELETE", f"{self._path}/faults/{identifier}")

    def clear_faults(self):
        self._control.call("DELETE", f"{self._path}/faults")

    def rotate_keys(self):
        """Replaces the signing keys by such as were never published before."""
        self._control.call("POST", f"{self._path}/rotate-keys")

    def remove(self):
        self._control.call("DELETE", self._path)


class Clock:
    """The clock of a tenant, or of all."""

    def __init__(self, control, path):
        self._control, self._path = control, path

    def now(self):
        """What it shows."""
        return _time(self._control.call("GET", self._path))

    def set(self, time, stands=None):
        """Sets it to a ``datetime`` that knows its zone, or a text; it goes on from there, or stands."""
        return self._put(now=time if isinstance(time, str) else time.isoformat(), stands=stands)

    def advance(self, seconds):
        """Moves it on by so many seconds, or a ``timedelta``."""
        is_span = isinstance(seconds, datetime.timedelta)
        return self._put(advance_seconds=seconds.total_seconds() if is_span else seconds)

    def stop(self):
        """Lets it stand."""
        return self._put(stands=True)

    def go(self):
        """Lets it go on."""
        return self._put(stands=False)

    def reset(self):
        """Back to the time of the machine."""
        return self._put(reset=True)

    def _put(self, **setting):
        given = {name: value for name, value in setting.items() if value is not None}
        return _time(self._control.call("PUT", self._path, given))


class _Control:
    def __init__(self, base):
        self._base = base

    def call(self, method, path, body=None):
        data, headers = (None, {}) if body is None else (json.dumps(body).encode(), {"Content-Type": "application/json"})
        return _answer(urllib.request.Request(self._base + path, data, headers, method=method))


def _answer(request):
    try:
        with _OPENER.open(request, timeout=60) as response:
            text = response.read()
    except urllib.error.HTTPError as error:
        with error:
            text = error.read()
        try:
            answer = json.loads(text)
        except ValueError:
            answer = {}
        words = answer.get("message") or answer.get("error_description") or answer.get("error") or text.decode(errors="replace")
        raise Error(f"{error.code}: {words}", error.code, answer) from None
    return json.loads(text) if text else None


def _time(told):
    return datetime.datetime.fromisoformat(told["now"].replace("Z", "+00:00"))
