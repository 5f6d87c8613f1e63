"""Files and pages for people. The files are few and small, so the server hands them out itself."""

from pathlib import Path
from typing import Final

from allauth.account.views import logout
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, register_converter
from django.views.static import serve

from engage_server.dashboard import mail_pages, people, shared_pages, survey_pages, views
from engage_server.dashboard.bundle import BUNDLE_FILES

FILES: Final = Path(__file__).parent / "static" / "engage"
GRAPHIQL_FILES: Final = FILES / "graphiql"
PEOPLE_FILES: Final = FILES / "people"
CUSTOMER_FILES: Final = FILES / "customers"
A_YEAR_S: Final = 365 * 24 * 3600
NAMES: Final = {
    folder: frozenset(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    for folder in (GRAPHIQL_FILES, PEOPLE_FILES, CUSTOMER_FILES, BUNDLE_FILES)
}


class IssuerConverter:
    """``oidc`` in addresses stands for the issuer that is set, by which identities are kept."""

    regex = "oidc"

    def to_python(self, value: str) -> str:
        """The issuer; no such address where none is set."""
        if not settings.ENGAGE_OIDC_ISSUER:
            raise ValueError("No identity provider is set. Remedy: set ENGAGE_OIDC_ISSUER.")
        return str(settings.ENGAGE_OIDC_ISSUER)

    def to_url(self, value: str) -> str:
        """The same for any issuer."""
        return self.regex


def static_file(request: HttpRequest, path: str, folder: Path) -> HttpResponseBase:
    """One of the files in the folder, named as it lies there; any other name is a 404, and no path is made of it."""
    if path not in NAMES[folder]:
        raise Http404(f"There is no file {path[:100]!r}.")
    return serve(request, path, document_root=str(folder))


def hashed_file(request: HttpRequest, path: str, folder: Path) -> HttpResponseBase:
    """A file whose name changes with what is in it: browsers keep it for a year without asking again."""
    response = static_file(request, path, folder)
    response["Cache-Control"] = f"public, max-age={A_YEAR_S}, immutable"
    return response


register_converter(IssuerConverter, "issuer")
# Of django-allauth's addresses these alone: whatever else it can do (signing up, changing addresses) has none.
# Their names are those that it asks for.
people_patterns: Final = [
    path("", people.home, name="people_home"),
    path("tenant", people.choose_tenant, name="people_tenant"),
    path("sign-in", people.SignIn.as_view(), name="account_login"),
    path("sign-out", logout, name="account_logout"),
    path("password/<uidb64>/<token>", people.ChoosePassword.as_view(), name="people_password"),
    path("<issuer:provider_id>/login", openid_connect.login, name="openid_connect_login"),
    path("<issuer:provider_id>/callback", openid_connect.callback, name="openid_connect_callback"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("static/engage/graphiql/<path:path>", static_file, {"folder": GRAPHIQL_FILES}),
    path("static/engage/people/<path:path>", static_file, {"folder": PEOPLE_FILES}),
    path("static/engage/customers/<path:path>", static_file, {"folder": CUSTOMER_FILES}),
    path("static/engage/dashboard/<path:path>", hashed_file, {"folder": BUNDLE_FILES}),
    path("people/", include(people_patterns)),
    path("mail/<str:link>", mail_pages.mail, name="mail"),
    path("survey/<str:link>", survey_pages.survey, name="survey"),
    path("survey/<str:link>/frame", survey_pages.survey_frame, name="survey_frame"),
    path("mail/<str:link>/choice", mail_pages.mail_choice, name="mail_choice"),
    path("shared/<str:token>.ics", shared_pages.renewal_calendar, name="renewal_calendar"),
    path("shared/<str:token>", shared_pages.account, name="shared_account"),
    path("", views.entrance, name="entrance"),
    path("app/", views.dashboard, name="dashboard"),
    path("app/<path:view>", views.dashboard),
]
