"""ASGI entry point, which ``serve`` runs: the front, WebSockets among what it answers."""

from engage_server.rsgi import application as front

application = front.asgi
