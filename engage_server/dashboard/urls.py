"""Files of the pages. They are few and small, so the server hands them out itself."""

from pathlib import Path
from typing import Final

from django.urls import path
from django.views.static import serve

GRAPHIQL_FILES: Final = Path(__file__).parent / "static" / "engage" / "graphiql"

urlpatterns = [path("static/engage/graphiql/<path:path>", serve, {"document_root": GRAPHIQL_FILES})]
