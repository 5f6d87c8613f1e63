"""The figures of the signals of an answer, as the principal may see them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from engage_server.access.principal import Permission, Principal
from engage_server.automation.evidence import Told, shown


class Evidence:
    """Of each signal of a page what it rests on; which of it is withheld is looked up for all, once one is asked for."""

    def __init__(self, told: Sequence[Told], principal: Principal) -> None:
        self._told = told
        self._principal = principal

    def __getitem__(self, place: int) -> Mapping[str, Any]:
        """The figures of the signal at a place of the page."""
        return self._shown[place]

    @cached_property
    def _shown(self) -> Sequence[Mapping[str, Any]]:
        if self._principal.may(Permission.PERSONAL_READ):
            return [one.evidence for one in self._told]
        return shown(self._told, minimum=self._principal.tenant.minimum_persons)
