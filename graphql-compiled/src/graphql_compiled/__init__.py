"""Compiled selections for Strawberry: ``Schema(…, execution_context_class=CompiledExecutionContext)``."""

from typing import Final

from graphql_compiled.execution import CompiledExecutionContext
from graphql_compiled.ready import ReadyJson

__all__: Final = ["CompiledExecutionContext", "ReadyJson"]
