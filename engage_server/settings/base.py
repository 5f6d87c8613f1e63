"""Settings, from the environment (ENGAGE_* and DATABASE_URL); the defaults suit one machine without set-up."""

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from engage_server.settings.exceptions import SettingError
from engage_server.settings.logs import LOG_LEVELS, to_stderr
from engage_server.settings.mail import *
from engage_server.settings.secret_files import ensure_secret, read_secret

# Names of this machine, to which nobody listens on the way.
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
BASE_DIR = Path(__file__).resolve().parents[2]


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def _list(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


ENGAGE_ENV = os.environ.get("ENGAGE_ENV", "local")
PRODUCTION = ENGAGE_ENV == "production"
DEBUG = False

ENGAGE_DATA_DIR = Path(os.environ.get("ENGAGE_DATA_DIR", BASE_DIR / ".data"))
ENGAGE_TENANT_ROLES = _flag("ENGAGE_TENANT_ROLES", True)
# Finished schemas kept ready, so that a new tenant waits for no DDL; each costs what an empty tenant costs.
ENGAGE_SPARE_SCHEMAS = int(os.environ.get("ENGAGE_SPARE_SCHEMAS", "0"))
# Whether the database has to be a Citus cluster; one that is one is recognised without.
ENGAGE_CITUS = _flag("ENGAGE_CITUS", False)
ENGAGE_GRAPHIQL = _flag("ENGAGE_GRAPHIQL", not PRODUCTION)
ENGAGE_INTROSPECTION = _flag("ENGAGE_INTROSPECTION", not PRODUCTION)

# -- Database: DATABASE_URL, or the embedded PostgreSQL --------------------------------------------------------

DATABASE_URL = read_secret("DATABASE_URL")
ENGAGE_EMBEDDED_POSTGRES = not DATABASE_URL
_parsed = conninfo_to_dict(DATABASE_URL) if DATABASE_URL else {}
_password = read_secret("ENGAGE_DATABASE_PASSWORD") or str(_parsed.pop("password", ""))
_database = str(_parsed.pop("dbname", "engage"))
# A host that vanished answers nothing, not even that it is gone: seconds and milliseconds until that is an error.
_vanishing = {
    "connect_timeout": "5",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
ENGAGE_DATABASE = os.environ.get("ENGAGE_DATABASE", _database)
DATABASES = {
    "default": {
        "ENGINE": "engage_server.tenancy.postgresql",
        "NAME": ENGAGE_DATABASE,
        "USER": str(_parsed.pop("user", "postgres")),
        "PASSWORD": _password,
        "HOST": str(_parsed.pop("host", "")),
        "PORT": str(_parsed.pop("port", "")),
        "OPTIONS": _vanishing | _parsed,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
}
# Of this process alone; the key carries the tenant and is refused outside any scope.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_FUNCTION": "engage_server.tenancy.cache_keys.scoped_key",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Cells: several installations beside one another (docs/scale-out.md) ----------------------------------------------

# The name of this one, and the file that names all of them; empty: there are no others.
ENGAGE_CELL = os.environ.get("ENGAGE_CELL", "")
ENGAGE_CELLS = os.environ.get("ENGAGE_CELLS", "")

# -- Apps: each app's tables are shared or the tenants', never both ----------------------------------------------

SHARED_APPS = [
    "engage_server.tenancy",
    "engage_server.telemetry",
    "engage_server.suppression",
    "django.contrib.auth",
    "django.contrib.sessions",
    "engage_server.access",
    "engage_server.engine",
    "engage_server.privacy",
    "engage_server.operations",
    "engage_server.dashboard",
    "engage_server.api",
    "engage_server.demo",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
]
TENANT_APPS = [
    "engage_server.audit",
    "engage_server.definitions",
    "engage_server.customers",
    "engage_server.activity",
    "engage_server.segments",
    "engage_server.metrics",
    "engage_server.plugin_host",
    "engage_server.ingest",
    "engage_server.automation",
]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
TENANT_MODEL = "tenancy.Tenant"
TENANT_DOMAIN_MODEL = "tenancy.Domain"
# Whoever begins or does tasks imports them; at the start of every command they would bring half of all modules.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
# Our wrapper sends path and role once per scope; django-tenants' own switch for that keeps a stale path after a
# rollback to a savepoint (django-tenants#1262). It stays off when that is closed: the wrapper replaces it.
TENANT_LIMIT_SET_CALLS = False

# -- Web ---------------------------------------------------------------------------------------------------------

ROOT_URLCONF = "engage_server.urls"
WSGI_APPLICATION = "engage_server.wsgi.application"
# The tenant is found by key and checked against the host in the views; any host may arrive here.
ALLOWED_HOSTS = _list("ENGAGE_ALLOWED_HOSTS", "*")
APPEND_SLASH = False
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "engage_server.api.cors.CorsOfTenants",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "engage_server.access.middleware.MovingTenants",
    "engage_server.access.middleware.PeopleScope",
    # Before the check of the token, which reads the form.
    "engage_server.access.middleware.SmallForms",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # The API's view is exempt: it asks for the token itself, where it takes a cookie instead of a key.
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
STATIC_URL = "static/"
# Where a proxy serves us below a path, and strips it: all addresses that we give out begin with it.
FORCE_SCRIPT_NAME = os.environ.get("ENGAGE_PATH_PREFIX", "").rstrip("/") or None
# Of a form. The API and the ingest path read bodies themselves, up to limits of their own.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

_given_key = read_secret("ENGAGE_SECRET_KEY")
if PRODUCTION and not _given_key:
    raise SettingError("ENGAGE_SECRET_KEY is not set. Remedy: set it to 50 or more random characters.")
# Elsewhere a key of this data directory's own: sessions and links are signed by one process and read by another.
SECRET_KEY = _given_key or ensure_secret(ENGAGE_DATA_DIR / "secret-key")
SECRET_KEY_FALLBACKS = [key for key in re.split(r"[\s,]+", read_secret("ENGAGE_SECRET_KEY_FALLBACKS")) if key]
# Secrets of plugins' configurations: the first key seals, all open. Needed where a configuration has a secret.
ENGAGE_SEALING_KEYS = [key for key in re.split(r"[\s,]+", read_secret("ENGAGE_SEALING_KEYS")) if key]
if not (ENGAGE_SEALING_KEYS or PRODUCTION):
    ENGAGE_SEALING_KEYS = [ensure_secret(ENGAGE_DATA_DIR / "sealing-key", variable="ENGAGE_SEALING_KEYS")]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# For whatever brings no policy of its own; no script and no style stands in a page itself.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# Pages of other origins: each tenant says which (engage_server.api.cors); the tracking paths answer for themselves.
CORS_URLS_REGEX = r"^/graphql(/token)?$"
CORS_ALLOW_METHODS = ["GET", "POST", "OPTIONS"]
# What clients and tracing libraries send along; a preflight that did not allow them would keep the query itself back.
CORS_ALLOW_HEADERS = [
    "accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with", "x-request-id",
    "traceparent", "tracestate", "baggage", "sentry-trace", "apollographql-client-name", "apollographql-client-version",
    "apollo-require-preflight", "x-apollo-operation-name", "graphql-require-preflight", "if-none-match",
]  # fmt: skip
CORS_EXPOSE_HEADERS = ["ETag", "Retry-After", "X-Request-ID"]
USE_X_FORWARDED_HOST = False
if PRODUCTION:
    SECURE_SSL_REDIRECT = _flag("ENGAGE_SSL_REDIRECT", True)
    # Probes and scrapers ask the process itself, behind the certificate.
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]
    if _flag("ENGAGE_TRUST_PROXY", False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # The prefix has browsers refuse the cookie from any other host and from plain HTTP.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-engage-session", "__Host-engage-csrf"

# -- People (docs/people.md) --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "access.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ["email"]}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]  # fmt: skip
SESSION_COOKIE_AGE = int(float(os.environ.get("ENGAGE_SESSION_HOURS", "12")) * 3600)
# The pages put the token into their forms and scripts, so that no script has to read the cookie.
CSRF_COOKIE_HTTPONLY = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
ACCOUNT_ADAPTER = "engage_server.access.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = False  # engage_server.access.throttle is exact over all processes
ALLAUTH_TRUSTED_PROXY_COUNT = int(PRODUCTION and _flag("ENGAGE_TRUST_PROXY", False))
SOCIALACCOUNT_ADAPTER = "engage_server.access.sign_in.SocialAccountAdapter"
ENGAGE_OIDC_ISSUER = os.environ.get("ENGAGE_OIDC_ISSUER", "").rstrip("/")
_oidc_client = os.environ.get("ENGAGE_OIDC_CLIENT_ID", "")
ENGAGE_OIDC_NAME = os.environ.get("ENGAGE_OIDC_NAME", "your company's account")
if ENGAGE_OIDC_ISSUER and not _oidc_client:
    raise SettingError(
        "ENGAGE_OIDC_ISSUER is set, but ENGAGE_OIDC_CLIENT_ID is not. Remedy: register this server with the provider."
    )
_issuer = urlsplit(ENGAGE_OIDC_ISSUER)
if PRODUCTION and ENGAGE_OIDC_ISSUER and _issuer.scheme != "https" and _issuer.hostname not in LOOPBACK:
    raise SettingError(
        "ENGAGE_OIDC_ISSUER is no https:// address, so that anybody between here and there could sign in as anybody. "
        "Remedy: https://…"
    )
if ENGAGE_OIDC_ISSUER:
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": ENGAGE_OIDC_ISSUER,  # identities are kept by this and the subject
                    "name": ENGAGE_OIDC_NAME,
                    "client_id": _oidc_client,
                    "secret": read_secret("ENGAGE_OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": ENGAGE_OIDC_ISSUER},
                }
            ],
        }
    }

# Hash the names of suppressed persons (docs/privacy.md): the first the new ones, all of them the known ones.
ENGAGE_PRIVACY_KEYS = [key for key in re.split(r"[,\s]+", read_secret("ENGAGE_PRIVACY_KEYS")) if key]

# -- Language, time, logs ------------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
ENGAGE_LOG_FORMAT = os.environ.get("ENGAGE_LOG_FORMAT", "line")
if ENGAGE_LOG_FORMAT not in {"line", "json"}:
    raise SettingError(f"ENGAGE_LOG_FORMAT is {ENGAGE_LOG_FORMAT!r}. Remedy: line or json.")
ENGAGE_LOG_LEVEL = os.environ.get("ENGAGE_LOG_LEVEL", "INFO").upper()
if ENGAGE_LOG_LEVEL not in LOG_LEVELS:
    raise SettingError(f"ENGAGE_LOG_LEVEL is {ENGAGE_LOG_LEVEL!r}. Remedy: one of {', '.join(LOG_LEVELS)}.")
LOGGING = to_stderr(level=ENGAGE_LOG_LEVEL, layout=ENGAGE_LOG_FORMAT)

# -- Telemetry -------------------------------------------------------------------------------------------------------

# Without a token, /metrics answers this machine alone.
ENGAGE_METRICS_TOKEN = read_secret("ENGAGE_METRICS_TOKEN")
ENGAGE_METRICS_BY_TENANT = _flag("ENGAGE_METRICS_BY_TENANT", False)
ENGAGE_OTEL = _flag("ENGAGE_OTEL", False)

# -- Keys (docs/access.md) -----------------------------------------------------------------------------------------

# For how many days a key opens where its maker does not say, and at most.
ENGAGE_KEY_DAYS = int(os.environ.get("ENGAGE_KEY_DAYS", "365"))
ENGAGE_KEY_MAX_DAYS = int(os.environ.get("ENGAGE_KEY_MAX_DAYS", "730"))

# -- Limits (docs/access.md); 0 for none ---------------------------------------------------------------------------

# Of each tenant, unless `manage.py limit set` says otherwise.
ENGAGE_EVENTS_PER_SECOND = int(os.environ.get("ENGAGE_EVENTS_PER_SECOND", "0"))
ENGAGE_EVENTS_PER_DAY = int(os.environ.get("ENGAGE_EVENTS_PER_DAY", "0"))
ENGAGE_QUARANTINE_ITEMS = int(os.environ.get("ENGAGE_QUARANTINE_ITEMS", "100000"))
ENGAGE_QUARANTINE_MB = int(os.environ.get("ENGAGE_QUARANTINE_MB", "100"))
# What queries cost: so much at once, and so much a second in the long run.
ENGAGE_QUERY_POINTS = int(os.environ.get("ENGAGE_QUERY_POINTS", "10000"))
ENGAGE_QUERY_POINTS_PER_SECOND = int(os.environ.get("ENGAGE_QUERY_POINTS_PER_SECOND", "200"))
# What each key and each person of a tenant may use of that in a minute; a person: each of six screens twelve times.
ENGAGE_KEY_POINTS_PER_MINUTE = int(os.environ.get("ENGAGE_KEY_POINTS_PER_MINUTE", "0"))
ENGAGE_PERSON_POINTS_PER_MINUTE = int(os.environ.get("ENGAGE_PERSON_POINTS_PER_MINUTE", "6000"))
# The same as the tenant's for each account that account tokens open.
ENGAGE_ACCOUNT_POINTS = int(os.environ.get("ENGAGE_ACCOUNT_POINTS", "1000"))
ENGAGE_ACCOUNT_POINTS_PER_SECOND = int(os.environ.get("ENGAGE_ACCOUNT_POINTS_PER_SECOND", "20"))

# -- Ingest ----------------------------------------------------------------------------------------------------------

ENGAGE_FUTURE_TOLERANCE_S = 24 * 3600
# Which group types of PostHog, Mixpanel, Amplitude and Snowplow are accounts (also as "company_id").
ENGAGE_ACCOUNT_GROUP_TYPES = _list(
    "ENGAGE_ACCOUNT_GROUP_TYPES", "account,company,organization,organisation,org,tenant,workspace"
)

# -- Activity --------------------------------------------------------------------------------------------------------

# How long stored events wait until a claim of the roll-ups takes them. Small claims are dear: one of 10,000 events costs
# three to five times as much an event as one of 100,000.
ENGAGE_COMPACT_INTERVAL_S = float(os.environ.get("ENGAGE_COMPACT_INTERVAL_S", "2.5"))

# -- Engine ----------------------------------------------------------------------------------------------------------

# How long a run may stay silent before another worker takes it over; leases are renewed three times as often.
ENGAGE_RUN_LEASE_S = int(os.environ.get("ENGAGE_RUN_LEASE_S", "20"))
ENGAGE_DISPATCH_INTERVAL_S = float(os.environ.get("ENGAGE_DISPATCH_INTERVAL_S", "5"))
# Tenants of one zone are due at the same minute; each starts up to this much later, always by the same amount.
ENGAGE_SCHEDULE_JITTER_S = int(os.environ.get("ENGAGE_SCHEDULE_JITTER_S", "300"))
# A time that lies further back when it is found due was missed; the schedule's misfire policy decides.
ENGAGE_MISFIRE_GRACE_S = int(os.environ.get("ENGAGE_MISFIRE_GRACE_S", "300"))
# A tenant's fair share: jobs at once, and runs and seconds of each before it queues up behind the others.
ENGAGE_TENANT_JOBS = int(os.environ.get("ENGAGE_TENANT_JOBS", "2"))
ENGAGE_JOB_RUNS = int(os.environ.get("ENGAGE_JOB_RUNS", "60"))
ENGAGE_JOB_SECONDS = float(os.environ.get("ENGAGE_JOB_SECONDS", "5"))
# How long runs stay in the ledger after their end.
ENGAGE_RUN_KEEP_DAYS = int(os.environ.get("ENGAGE_RUN_KEEP_DAYS", "90"))

# -- Messages (docs/signals.md) ----------------------------------------------------------------------------------------

# The mail server or provider, and where links in mails lead to: settings/mail.py.
if ENGAGE_MAIL_PROVIDER:
    INSTALLED_APPS.append("anymail")
# Messages go to public addresses over HTTPS alone, but for networks that the operator names here.
ENGAGE_DELIVERY_NETWORKS = _list("ENGAGE_DELIVERY_NETWORKS", "")
ENGAGE_DELIVERY_HTTP = os.environ.get("ENGAGE_DELIVERY_HTTP", "0") == "1"
# How long a worker may be at a share of messages before another takes it up: more than the slowest share takes, which is
# four rounds of the longest attempts.
ENGAGE_DELIVERY_LEASE_S = float(os.environ.get("ENGAGE_DELIVERY_LEASE_S", "180"))
# Of each tenant, besides what each channel is limited to.
ENGAGE_DELIVERIES_PER_MINUTE = int(os.environ.get("ENGAGE_DELIVERIES_PER_MINUTE", "600"))

# -- Plugins (docs/plugin-safety.md) ---------------------------------------------------------------------------------

# "inline": all in the server's processes. "subprocess": each in its own. "foreign": only those whose distribution
# matches none of the trusted patterns in its own.
ENGAGE_PLUGIN_ISOLATION = os.environ.get("ENGAGE_PLUGIN_ISOLATION", "foreign")
ENGAGE_TRUSTED_PLUGINS = _list("ENGAGE_TRUSTED_PLUGINS", "engage-*")
# Limits of one call. Time and memory bind only plugins in processes of their own.
ENGAGE_PLUGIN_LOAD_S = float(os.environ.get("ENGAGE_PLUGIN_LOAD_S", "30"))
ENGAGE_PLUGIN_TIME_S = float(os.environ.get("ENGAGE_PLUGIN_TIME_S", "60"))
ENGAGE_PLUGIN_MEMORY_MB = int(os.environ.get("ENGAGE_PLUGIN_MEMORY_MB", "1024"))
ENGAGE_PLUGIN_MEASUREMENTS = int(os.environ.get("ENGAGE_PLUGIN_MEASUREMENTS", "1000000"))
ENGAGE_PLUGIN_ANSWER_MB = int(os.environ.get("ENGAGE_PLUGIN_ANSWER_MB", "256"))
ENGAGE_PLUGIN_INPUT_ROWS = int(os.environ.get("ENGAGE_PLUGIN_INPUT_ROWS", "10000000"))
# Where it is remembered what the examination of a foreign plugin came to; empty: examined at each start.
ENGAGE_PLUGIN_VERDICTS = os.environ.get("ENGAGE_PLUGIN_VERDICTS", str(ENGAGE_DATA_DIR / "plugin-verdicts"))
# Idle processes kept per server process, and calls after which one is renewed.
ENGAGE_PLUGIN_PROCESSES = int(os.environ.get("ENGAGE_PLUGIN_PROCESSES", "4"))
ENGAGE_PLUGIN_CALLS = int(os.environ.get("ENGAGE_PLUGIN_CALLS", "500"))
# A plugin that keeps failing for a tenant rests this long before it is tried again.
ENGAGE_BREAKER_OPEN_S = float(os.environ.get("ENGAGE_BREAKER_OPEN_S", "900"))
