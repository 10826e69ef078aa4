"""A real browser, by the DevTools protocol over a pipe. It signs in and out on our pages as a person would."""

import json
import os
import time

from provider import PASSWORD, USERNAME

# Nothing but our own hosts is reached: the suite's pages ask others for styles and scripts.
RULES = "MAP * ~NOTFOUND, EXCLUDE op.test, EXCLUDE localhost.emobix.co.uk"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors", "--remote-debugging-pipe", f"--host-resolver-rules={RULES}"]

# Session management needs cookies in frames of other sites (docs/logout.md).
PREFERENCES = {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}

# What a page of ours wants, once for each page. Returns where the browser is.
STEP = """(() => {
  const page = document.body;
  if (page && !page.dataset.done) {
    const find = (id) => document.getElementById(id);
    const [name, password] = [find("login-username"), find("login-password")];
    if (password) {
      if (name && name.type !== "hidden") name.value = %s;
      password.value = %s;
    }
    const button = ["login-submit", "consent-allow", "logout-confirm"].map(find).find((one) => one);
    if (button) {
      page.dataset.done = "yes";
      button.click();
    }
  }
  return location.href;
})()""" % (json.dumps(USERNAME), json.dumps(PASSWORD))


class Chromium:
    """One window of a fresh browser."""

    def __init__(self, processes, work, program="chromium"):
        to_read, their_output = os.pipe()
        their_input, to_write = os.pipe()
        profile = work / "chromium" / str(time.monotonic_ns())
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(PREFERENCES))

        def place():
            # The browser reads descriptor 3 and writes 4.
            read, write = os.dup(their_input), os.dup(their_output)
            os.dup2(read, 3)
            os.dup2(write, 4)

        command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self.processes = processes
        self.process = processes.start("chromium", command, preexec_fn=place, close_fds=False)
        os.close(their_input)
        os.close(their_output)
        self.input, self.output = os.fdopen(to_write, "wb", 0), os.fdopen(to_read, "rb", 0)
        self.last_id = 0
        self.rest = b""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def close(self):
        self.processes.end(self.process)
        self.input.close()
        self.output.close()

    def go_to(self, url):
        self.call("Page.navigate", self.session, url=url)

    def step(self):
        """Does what the page in front wants. A page that is just going away does nothing."""
        return self.call("Runtime.evaluate", self.session, expression=STEP).get("result", {}).get("value")

    def call(self, method, session=None, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        self.input.write(json.dumps(message).encode() + b"\0")
        while True:
            message = self.receive()
            if message.get("id") == self.last_id:
                return message.get("result", {})

    def receive(self):
        while b"\0" not in self.rest:
            read = self.output.read(65536)
            if not read:
                raise SystemExit("the browser ended: see log/chromium.log")
            self.rest += read
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)
