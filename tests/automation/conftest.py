"""Receivers on this machine, and a server that may send to them."""

import pytest

from engage_server.tenancy.mail_domains import set_mail_domains
from tests.automation.receivers import http_receiver, mail_server


@pytest.fixture
def may_send(settings):
    """What an operator sets for a receiver of the own network, over plain HTTP."""
    settings.ENGAGE_SEALING_KEYS = ["a key of the tests"]
    settings.ENGAGE_DELIVERY_NETWORKS = ["127.0.0.0/8"]
    settings.ENGAGE_DELIVERY_HTTP = True


@pytest.fixture
def receiver(may_send):
    with http_receiver() as one:
        yield one


@pytest.fixture
def mails(may_send, settings, acme):
    """A mail server, and a domain of acme's own people."""
    set_mail_domains(acme.slug, ["acme.example"])
    with mail_server() as one:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", one.port, False
        yield one
