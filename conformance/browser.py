"""A plan's configuration: its clients, and what the suite's browser does on our pages.

Where the suite wants a picture for a person to judge, the text that it waits for is the judge: so it is one that only
the right page has.
"""

from provider import ALIAS, ISSUER, PASSWORD, USERNAME

PAGES = ISSUER + "/*"
AUTHORIZE = ISSUER + "/authorize*"
LOGOUT = ISSUER + "/logout*"

# What each page says.
SIGN_IN_AGAIN = "Confirm that it.s you"
NOT_REGISTERED = "Return address not registered"
NO_RETURN_ADDRESS = "Return address missing"
NOT_REGISTERED_FOR_LOGOUT = "The application.s return address is not registered"
PROOF_REFUSED = "The application.s proof of your sign-in was not accepted"
UNKNOWN_APPLICATION = "We don.t know which application is asking"
ASKS_TO_SIGN_OUT = "Sign out\\?"
SIGNED_OUT = "You are signed out"


def configuration(plan, provider):
    """What the suite is told of a plan."""
    return {
        "description": f"Countersign, {plan.name}",
        "options": {"browsercontrol_css_enable": False},
        "server": {"discoveryUrl": f"{ISSUER}/.well-known/openid-configuration", "login_hint": USERNAME},
        **clients(plan, provider),
        # With a browser of our own, the suite's has nothing to do.
        **({} if plan.needs_chromium else {"browser": [sign_in(), sign_out()], "override": overrides()}),
    }


def clients(plan, provider):
    if plan.is_dynamic:
        # Without an alias, each module's addresses are its own.
        token = {"initial_access_token": provider.registration_token}
        return {"client": {"client_name": "first", **token}, "client2": {"client_name": "second", **token}}
    names = dict(zip(("client", "client2"), plan.clients), client_secret_post="post1")
    found = {role: credentials_of(name, provider) for role, name in names.items()}
    if plan.variant.get("client_auth_type") == "mtls":
        found.update({role: provider.certificate(name) for role, name in zip(("mtls", "mtls2"), plan.clients)})
    return {"alias": ALIAS, **found}


def credentials_of(name, provider):
    metadata = provider.clients[name]
    return {key: metadata[key] for key in ("client_id", "client_secret") if key in metadata}


def overrides():
    """What modules need that end on a page of ours, or show one twice."""
    logout = "oidcc-rp-initiated-logout-"
    return {
        "oidcc-prompt-login": signs_in_twice(),
        "oidcc-max-age-1": signs_in_twice(),
        "oidcc-ensure-registered-redirect-uri": authorize_page(NOT_REGISTERED),
        "oidcc-redirect-uri-query-added": authorize_page(NOT_REGISTERED),
        "oidcc-redirect-uri-query-mismatch": authorize_page(NOT_REGISTERED),
        "oidcc-ensure-redirect-uri-in-authorization-request": authorize_page(NO_RETURN_ADDRESS),
        logout + "bad-post-logout-redirect-uri": logout_page(NOT_REGISTERED_FOR_LOGOUT),
        logout + "query-added-to-post-logout-redirect-uri": logout_page(NOT_REGISTERED_FOR_LOGOUT),
        logout + "modified-id-token-hint": logout_page(PROOF_REFUSED),
        logout + "bad-id-token-hint": logout_page(PROOF_REFUSED),
        logout + "no-id-token-hint": logout_page(UNKNOWN_APPLICATION),
        logout + "no-params": confirmed_logout_page(),
        logout + "only-state": confirmed_logout_page(),
        # The hint of the session that ends is enough: no one is asked.
        logout + "no-post-logout-redirect-uri": logout_page(SIGNED_OUT),
    }


def sign_in():
    """From a request to the client, by whichever of our pages come."""
    return {"match": AUTHORIZE, "tasks": [task("Sign in", credentials()), task("Consent", [click("consent-allow")]), back_at_client()]}


def sign_out():
    """A frame of each application comes first, then the way back; the link is for those who don't want to wait."""
    steps = [click("logout-confirm"), click("logged-out-continue")]
    back = {"task": "Back at the client", "match": "*/test/*/post_logout*"}
    return {"match": LOGOUT, "tasks": [*(task("Sign out", [step]) for step in steps), back]}


def signs_in_twice():
    """The second time on a page that says so."""
    again = task("Confirm it", [picture_of(SIGN_IN_AGAIN), type_into("login-password", PASSWORD), click("login-submit")])
    return {"browser": [{**sign_in(), "match-limit": 1}, {"match": AUTHORIZE, "tasks": [again, back_at_client()]}]}


def authorize_page(text):
    return {"browser": [{"match": AUTHORIZE, "tasks": [shows(text)]}]}


def logout_page(text):
    return {"browser": [sign_in(), {"match": LOGOUT, "tasks": [shows(text)]}]}


def confirmed_logout_page():
    confirm = {"task": "Confirm", "match": LOGOUT, "commands": [waits_for(ASKS_TO_SIGN_OUT), ["click", "id", "logout-confirm"]]}
    return {"browser": [sign_in(), {"match": LOGOUT, "tasks": [confirm, shows(SIGNED_OUT)]}]}


def credentials():
    return [type_into("login-username", USERNAME), type_into("login-password", PASSWORD), click("login-submit")]


def back_at_client():
    return {"task": "Back at the client", "match": "*/test/*/callback*", "commands": [["wait", "id", "submission_complete", 10]]}


def task(name, commands):
    """On one of our pages, if it comes."""
    return {"task": name, "optional": True, "match": PAGES, "commands": commands}


def shows(text):
    return {"task": f"Page with: {text}", "match": PAGES, "commands": [picture_of(text)]}


def type_into(element, text):
    return ["text", "id", element, text, "optional"]


def click(element):
    return ["click", "id", element, "optional"]


def waits_for(text):
    return ["wait", "xpath", "//*", 10, text]


def picture_of(text):
    return [*waits_for(text), "update-image-placeholder"]
