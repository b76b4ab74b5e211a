"""The long work of one actor: tasks that die with it, and whose crash is its crash."""

from collections.abc import Awaitable, Callable
from typing import Any

import trio
from attrs import define, field, frozen

from tallystick.actors.address import Address


@frozen
class TaskCrashed:
    """From a task to its own actor's kernel, which raises it as if the handler had."""

    error: Exception


@define(eq=False)
class Tasks:
    """Starts tasks for one actor in the supervisor's nursery. Cheaper than a nursery for each actor."""

    owner: Address[Any]
    nursery: trio.Nursery = field(repr=False)
    _scopes: set[trio.CancelScope] = field(factory=set, repr=False)
    _none_left: trio.Event = field(factory=trio.Event, repr=False)

    def start(self, work: Callable[..., Awaitable[None]], *arguments: Any) -> trio.CancelScope:
        """Run `work(*arguments)` beside the actor. Returns the scope that cancels it."""
        scope = trio.CancelScope()
        self._scopes.add(scope)
        self.nursery.start_soon(self._run, scope, work, arguments, name=work)
        return scope

    async def end(self) -> None:
        """Cancel every task and return when all are over."""
        for scope in self._scopes:
            scope.cancel()
        while self._scopes:
            self._none_left = trio.Event()
            await self._none_left.wait()

    async def _run(
        self, scope: trio.CancelScope, work: Callable[..., Awaitable[None]], arguments: tuple[Any, ...]
    ) -> None:
        try:
            with scope:
                await work(*arguments)
        except Exception as crash:  # noqa: BLE001 - a part of the supervisor: the actor's crash, told to it
            self.owner.mailbox.put_first(TaskCrashed(crash))
        finally:
            self._scopes.discard(scope)
            if not self._scopes:
                self._none_left.set()
