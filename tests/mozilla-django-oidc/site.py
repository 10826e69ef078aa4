"""A Django project in one file, whose people sign in with mozilla-django-oidc. What a test wants to know is shown as JSON.

`python site.py` creates the database and serves on PORT.
"""

import os
import sys
from urllib.parse import urlencode

import django
from django.conf import settings
from django.core.management import execute_from_command_line

ISSUER = os.environ["ISSUER"]
ORIGIN = f"http://127.0.0.1:{os.environ['PORT']}"

settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "mozilla_django_oidc"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "mozilla_django_oidc.middleware.SessionRefresh",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}},
    AUTHENTICATION_BACKENDS=[f"{__name__}.People"],
    LOGIN_URL="oidc_authentication_init",
    LOGIN_REDIRECT_URL="/",
    LOGIN_REDIRECT_URL_FAILURE="/failed",
    LOGOUT_REDIRECT_URL="/signed-out",
    OIDC_RP_CLIENT_ID=os.environ["CLIENT_ID"],
    OIDC_RP_CLIENT_SECRET=os.environ["CLIENT_SECRET"],
    OIDC_RP_SCOPES="openid profile email",
    OIDC_RP_SIGN_ALGO=os.environ["SIGN_ALGO"],
    OIDC_OP_AUTHORIZATION_ENDPOINT=f"{ISSUER}/authorize",
    OIDC_OP_TOKEN_ENDPOINT=f"{ISSUER}/token",
    OIDC_OP_USER_ENDPOINT=f"{ISSUER}/userinfo",
    OIDC_OP_JWKS_ENDPOINT=f"{ISSUER}/jwks",
    OIDC_USE_PKCE=True,
    # Otherwise it sends the secret in the form: register the client for client_secret_post then.
    OIDC_TOKEN_USE_BASIC_AUTH=os.environ["BASIC_AUTH"] == "1",
    OIDC_STORE_ID_TOKEN=True,
    OIDC_OP_LOGOUT_URL_METHOD=f"{__name__}.end_session_url",
    # After that it asks in silence (prompt=none) whether the person is still signed in.
    OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS=2,
    OIDC_EXEMPT_URLS=["/signed-out", "/failed"],
    LOGGING={"version": 1, "handlers": {"console": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["console"], "level": "INFO"}},
)
django.setup()

from django.contrib.auth.decorators import login_required  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import include, path  # noqa: E402
from mozilla_django_oidc.auth import OIDCAuthenticationBackend  # noqa: E402


class People(OIDCAuthenticationBackend):
    """Finds a person by `sub`, which never changes, rather than by email address, which may."""

    def filter_users_by_claims(self, claims):
        return self.UserModel.objects.filter(username=claims["sub"])

    def get_username(self, claims):
        return claims["sub"]

    def create_user(self, claims):
        user = super().create_user(claims)
        return self.update_user(user, claims)

    def update_user(self, user, claims):
        user.email = claims["email"]
        user.first_name = claims["name"]
        user.save()
        return user


def end_session_url(request):
    """RP-Initiated Logout 1.0, section 2."""
    query = {"id_token_hint": request.session["oidc_id_token"], "post_logout_redirect_uri": f"{ORIGIN}/signed-out"}
    return f"{ISSUER}/logout?{urlencode(query)}"


@login_required
def home(request):
    user = request.user
    return JsonResponse({"username": user.username, "email": user.email, "name": user.first_name})


@login_required
def sign_out(request):
    return HttpResponse(
        f'<form method="post" action="/oidc/logout/"><input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
        '<button id="sign-out">Sign out</button></form>'
    )


urlpatterns = [
    path("", home),
    path("sign-out", sign_out),
    path("signed-out", lambda request: JsonResponse({"signed_in": request.user.is_authenticated})),
    path("failed", lambda request: JsonResponse({"failed": True, "signed_in": request.user.is_authenticated})),
    path("oidc/", include("mozilla_django_oidc.urls")),
]

if __name__ == "__main__":
    execute_from_command_line(["site.py", "migrate", "--run-syncdb", "--verbosity", "0"])
    execute_from_command_line(["site.py", "runserver", "--noreload", "--nothreading", f"127.0.0.1:{os.environ['PORT']}"])
