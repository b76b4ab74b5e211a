"""All that one sandbox holds, put together from its settings."""

import importlib
from collections.abc import Callable
from typing import Protocol, cast

from attrs import define, field

from tallystick.connectors.sandbox.acts import ChangeRefused
from tallystick.connectors.sandbox.change import Changed
from tallystick.connectors.sandbox.clock import Clock
from tallystick.connectors.sandbox.faults import Faults
from tallystick.connectors.sandbox.provider import Company, ProviderSandbox
from tallystick.connectors.sandbox.request_log import RequestLog
from tallystick.connectors.sandbox.settings import PROVIDERS, SandboxSettings
from tallystick.connectors.sandbox.state_file import SavedChange, SavedState, StateFile
from tallystick.errors import ConfigurationInvalid


class _Folder(Protocol):
    """A provider's `sandbox` folder."""

    def make(
        self,
        settings: SandboxSettings,
        clock: Clock,
        state: SavedState,
        numbers: range,
        save: Callable[[], None],
    ) -> ProviderSandbox: ...


@define(eq=False, kw_only=True)
class World:
    """The state of one sandbox process; nothing of it is shared with another."""

    settings: SandboxSettings
    clock: Clock
    state: SavedState
    file: StateFile
    providers: dict[str, ProviderSandbox] = field(factory=dict)
    faults: Faults = field(factory=Faults)
    log: RequestLog = field(factory=RequestLog)

    def company(self, tenant: str) -> Company | None:
        """The company of that tenant, at whichever provider."""
        found = (each for provider in self.providers.values() for each in provider.companies)
        return next((company for company in found if company.tenant == tenant), None)

    def change(self, tenant: str, entity: str, *, create: int, update: int, delete: int) -> Changed:
        """Change a company's books now, and remember it. Raises: `ChangeRefused`."""
        wanted = SavedChange(
            tenant=tenant, entity=entity, create=create, update=update, delete=delete, at=self.clock.now()
        )
        changed = self._make(wanted, len(self.state.changes))
        self.state.changes.append(wanted)
        self.save()
        return changed

    def save(self) -> None:
        """Write what outlives the process."""
        self.state.offset_s = self.clock.offset_s
        self.state.consents = {slug: provider.saved() for slug, provider in self.providers.items()}
        self.file.save(self.state)

    def restore(self) -> None:
        """Make the saved changes again and take the saved grants."""
        for number, wanted in enumerate(self.state.changes):
            self._make(wanted, number)
        for slug, saved in self.state.consents.items():
            self.providers[slug].restore(saved)

    def _make(self, wanted: SavedChange, number: int) -> Changed:
        company = self.company(wanted.tenant)
        if company is None:
            raise ChangeRefused("no company has this tenant; GET /_control/state lists them")
        return company.change(
            wanted.entity,
            create=wanted.create,
            update=wanted.update,
            delete=wanted.delete,
            at=wanted.at,
            number=number,
        )


def make_world(settings: SandboxSettings) -> World:
    """Write all books and open the state file. Raises: `ConfigurationInvalid`."""
    unknown = [slug for slug in settings.providers if slug not in PROVIDERS]
    if unknown or not settings.providers:
        raise ConfigurationInvalid(
            message=f"no sandbox for {', '.join(unknown) or 'no provider'}; there is {', '.join(PROVIDERS)}"
        )
    clock, file = Clock(), StateFile(settings.data)
    state = file.open(settings, clock.now())
    clock.offset_s = state.offset_s
    world = World(settings=settings, clock=clock, state=state, file=file)
    for place, slug in enumerate(settings.providers):
        folder = cast(_Folder, importlib.import_module(f"tallystick.connectors.{slug}.sandbox"))
        numbers = range(place, settings.companies, len(settings.providers))
        world.providers[slug] = folder.make(settings, clock, state, numbers, world.save)
    world.restore()
    world.save()
    return world
