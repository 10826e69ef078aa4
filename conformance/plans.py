"""Which plans are run, with which variants, clients and settings of the provider."""

import dataclasses

STATIC = {"server_metadata": "discovery", "client_registration": "static_client"}
DYNAMIC = {"server_metadata": "discovery", "client_registration": "dynamic_client"}
# The response types that return tokens through the browser are off by default.
FRONT_CHANNEL = "[authorization]\ninsecure_implicit_and_hybrid = true\n"


@dataclasses.dataclass(frozen=True)
class Plan:
    """A plan of the suite."""

    name: str
    suite_name: str
    variant: dict
    # The static clients for `client` and `client2`; none if the suite registers its own.
    clients: tuple = ()
    # More of the provider's configuration.
    settings: str = ""
    # The suite's browser has no Web Cryptography, which the page of check_session_iframe uses.
    needs_chromium: bool = False

    @property
    def is_dynamic(self):
        return self.variant.get("client_registration") == "dynamic_client"


def comprehensive(name, method, registration, **more):
    """Every module that the code flow has, with one way for clients to authenticate."""
    variant = {"client_auth_type": method, "client_registration": registration, "response_type": "code", "response_mode": "default"}
    return Plan(name, "oidcc-test-plan", variant, **more)


def certification(name, variant, **more):
    """One of the plans that an OpenID Provider is certified by."""
    profile = name.removesuffix("-dynamic")
    return Plan(name, f"oidcc-{profile}-certification-test-plan", variant, **more)


PLANS = {
    plan.name: plan
    for plan in [
        certification("config", {}),
        certification("basic", STATIC, clients=("basic1", "basic2")),
        certification("basic-dynamic", DYNAMIC),
        certification("formpost-basic", STATIC, clients=("basic1", "basic2")),
        certification("formpost-basic-dynamic", DYNAMIC),
        *(
            certification(name, STATIC, clients=("front_channel1", "front_channel2"), settings=FRONT_CHANNEL)
            for name in ("implicit", "hybrid", "formpost-implicit", "formpost-hybrid")
        ),
        certification("rp-initiated-logout", {"client_registration": "static_client", "response_type": "code"}, clients=("basic1", "basic2")),
        certification("backchannel-rp-initiated-logout", {"client_registration": "static_client", "response_type": "code"}, clients=("back1", "basic2")),
        certification("frontchannel-rp-initiated-logout", {"client_registration": "static_client", "response_type": "code"}, clients=("front1", "basic2")),
        certification(
            "session-management",
            {"client_registration": "static_client", "response_type": "code"},
            clients=("basic1", "basic2"),
            settings="[logout]\nsession_management = true\n",
            needs_chromium=True,
        ),
        comprehensive("comprehensive-mtls", "mtls", "static_client", clients=("mtls1", "mtls2")),
    ]
}
