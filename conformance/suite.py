"""The suite: its program, its two https addresses, and its interface."""

import json
import pathlib
import socket
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from chromium import Chromium
from provider import HOST, wait_until_ready
from report import Outcome

NAME = "localhost.emobix.co.uk"
URL = f"https://{NAME}:8443/"
MTLS_URL = f"https://{NAME}:8444/"
INNER_PORT = 8180

# The longest that a module may take: some wait for a minute.
MODULE_SECONDS = 300


class Suite:
    def __init__(self, processes, options, work):
        self.processes = processes
        self.options = options
        self.work = work
        self.tls = ssl.create_default_context(cafile=work / "ca" / "ca.crt")

    def start(self):
        for name in (NAME, HOST):
            check_name(name)
        jar = self.options.suite.resolve() / "target" / "fapi-test-suite.jar"
        if not jar.exists():
            sys.exit(f"{jar} is missing: --suite names the folder of a built suite")
        self.start_doors()
        command = [
            self.options.java,
            "-Djdk.tls.maxHandshakeMessageSize=65536",
            "-Xmx2g",
            "-jar",
            jar,
            "--server.address=127.0.0.1",
            f"--server.port={INNER_PORT}",
            "--fintechlabs.devmode=true",
            "--spring.profiles.active=dev",
            f"--spring.mongodb.uri={self.options.mongodb}",
            "--openid.mongodb.targetFeatureCompatibilityVersion=6.0",
            f"--fintechlabs.base_url={URL.rstrip('/')}",
            f"--fintechlabs.base_mtls_url={MTLS_URL.rstrip('/')}",
        ]
        process = self.processes.start("suite", command)
        wait_until_ready(f"{URL}api/runner/available", self.work / "ca" / "ca.crt", process)

    def start_doors(self):
        """nginx does TLS for the suite, and asks for a certificate on the second port."""
        folder = self.work / "nginx"
        folder.mkdir(exist_ok=True)
        template = (pathlib.Path(__file__).parent / "nginx.conf").read_text()
        for name, value in {"@FOLDER@": folder, "@CA@": self.work / "ca", "@SUITE@": f"127.0.0.1:{INNER_PORT}"}.items():
            template = template.replace(name, str(value))
        (folder / "nginx.conf").write_text(template)
        self.processes.start("nginx", ["nginx", "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"])

    def run(self, plan, configuration, provider, only):
        """Runs the modules of a plan, one after the other: those of one client share its addresses."""
        made = self.call("POST", "api/plan", configuration, planName=plan.suite_name, variant=json.dumps(plan.variant))
        outcome = Outcome(plan)
        folder = self.work / "results" / plan.name
        folder.mkdir(parents=True, exist_ok=True)
        for number, module in enumerate(made["modules"], 1):
            name = module["testModule"]
            if only and only not in name:
                continue
            info, log = self.run_module(made["id"], module, plan, provider)
            result = outcome.add(name, info, log)
            (folder / f"{number:03}-{name}.json").write_text(json.dumps({"info": info, "log": log}, indent=1))
            print(f"{plan.name}: {name}: {result}", flush=True)
        return outcome

    def run_module(self, plan_id, module, plan, provider):
        name = module["testModule"]
        variant = json.dumps(module.get("variant") or {})
        module_id = self.call("POST", "api/runner", test=name, plan=plan_id, variant=variant)["id"]
        state = self.wait_for(module_id, "CONFIGURED", "WAITING", "FINISHED")
        if state == "CONFIGURED":
            if name == "oidcc-server-rotate-keys":
                provider.rotate_signing_key()
                time.sleep(2)
                self.call("POST", f"api/runner/{module_id}")
            self.wait_for(module_id, "WAITING", "FINISHED")
        if plan.needs_chromium:
            self.visit_with_chromium(module_id)
        self.wait_for(module_id, "FINISHED")
        return self.call("GET", f"api/info/{module_id}"), self.call("GET", f"api/log/{module_id}")

    def visit_with_chromium(self, module_id):
        """Opens each address that the module wants opened, until it has ended."""
        window = Chromium(self.processes, self.work, self.options.chromium)
        end = time.monotonic() + MODULE_SECONDS
        while time.monotonic() < end:
            if self.call("GET", f"api/info/{module_id}")["status"] in ("FINISHED", "INTERRUPTED"):
                break
            browser = self.call("GET", f"api/runner/{module_id}").get("browser") or {}
            for url in browser.get("urls", []):
                self.call("POST", f"api/runner/browser/{module_id}/visit", url=url)
                window.go_to(url)
            window.step()
            time.sleep(0.2)
        window.close()

    def wait_for(self, module_id, *states):
        """Returns the state that the module is in: one of these, or that it was interrupted."""
        states = (*states, "INTERRUPTED")
        end = time.monotonic() + MODULE_SECONDS
        while time.monotonic() < end:
            found = self.call("GET", f"api/runner/{module_id}/wait-state", states=",".join(states), timeoutMs="20000")
            if found.get("state") in states:
                return found["state"]
            if not found.get("timeout"):
                raise SystemExit(f"the suite's interface has changed: {found}")
        return "TIMEOUT"

    def call(self, method, path, body=None, **query):
        url = URL + path + ("?" + urllib.parse.urlencode(query) if query else "")
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, method=method, data=data, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=60) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read()[:500].decode(errors='replace')}")


def check_name(name):
    """Nothing of a run may leave the machine."""
    try:
        address = socket.gethostbyname(name)
    except OSError:
        address = "nothing"
    if not address.startswith("127."):
        sys.exit(f"{name} leads to {address}. Add to /etc/hosts: 127.0.0.1 {name}")
