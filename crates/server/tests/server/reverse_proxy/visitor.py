"""A visitor of https://id.example.com through a proxy on 127.0.0.1: python3 visitor.py PORT FROM SIGN_INS

Prints the issuer that discovery names, then the status of each sign-in with a made-up name and a wrong password.
FROM is the visitor's own address in 127.0.0.0/8. The certificate is the test's own, so it is not verified.
"""

import html
import http.client
import json
import re
import socket
import ssl
import sys
import urllib.parse

HOST = "id.example.com"
AUTHORIZATION_REQUEST = urllib.parse.urlencode({
    "client_id": "app",
    "redirect_uri": "https://app.example.com/callback",
    "response_type": "code",
    "scope": "openid",
    "state": "af0ifjsldkj",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
})


class Visitor:
    def __init__(self, port, address):
        self.port, self.address = port, address
        self.cookies = {}

    def request(self, method, path, form=None):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10, source_address=(self.address, 0))
        connection = http.client.HTTPSConnection(HOST, timeout=10)
        connection.sock = context.wrap_socket(plain, server_hostname=HOST)
        headers = {"Host": HOST, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers |= {"Origin": f"https://{HOST}", "Content-Type": "application/x-www-form-urlencoded"}
            # What a visitor says of themselves must not count.
            headers["X-Forwarded-For"] = "192.0.2.1"
        connection.request(method, path, form and urllib.parse.urlencode(form), headers)
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read().decode()

    def sign_in_wrongly(self, name):
        status, page = self.request("GET", f"/authorize?{AUTHORIZATION_REQUEST}")
        if status != 200:
            return status
        fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
        form = {name: html.unescape(value) for name, value in fields}
        form |= {"username": name, "password": "not the password", "decision": "sign_in"}
        return self.request("POST", "/login", form)[0]


visitor = Visitor(int(sys.argv[1]), sys.argv[2])
print(json.loads(visitor.request("GET", "/.well-known/openid-configuration")[1])["issuer"])
for attempt in range(int(sys.argv[3])):
    print(visitor.sign_in_wrongly(f"made-up-{sys.argv[2]}-{attempt}"))
