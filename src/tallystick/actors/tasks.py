"""The long work of one actor: tasks that die with it, and whose crash is its crash."""

from collections.abc import Awaitable, Callable
from typing import Any

import trio
from attrs import define, field, frozen

from tallystick.actors.address import NOBODY, Address
from tallystick.actors.mailbox import Context


@frozen
class TaskCrashed:
    """From a task to its own actor's kernel, which raises it as if the handler had."""

    error: Exception
    context: Context


@define(eq=False)
class Tasks:
    """Starts tasks for one actor in the supervisor's nursery. Cheaper than a nursery for each actor."""

    owner: Address[Any]
    nursery: trio.Nursery = field(repr=False)
    in_hand: Context = NOBODY  #: of the message that is being handled; the kernel's to set
    trouble: str | None = None  #: what keeps the actor from its work, in its own words: operators see it
    unheard: TaskCrashed | None = field(default=None, repr=False)  #: a crash after the mailbox was closed
    _scopes: dict[trio.CancelScope, str] = field(factory=dict, repr=False)  #: with the work's name
    _contexts: dict[trio.lowlevel.Task, Context] = field(factory=dict, repr=False)
    _none_left: trio.Event | None = field(default=None, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """What runs now, by the names of its functions, in the order in which it was started."""
        return tuple(self._scopes.values())

    def context(self) -> Context:
        """Whose work this is: of the message in hand, and in a task of the message that started it."""
        if self._contexts:
            task: trio.lowlevel.Task | None = trio.lowlevel.current_task()
            while task is not None:
                if task in self._contexts:
                    return self._contexts[task]
                task = None if task.parent_nursery is None else task.parent_nursery.parent_task
        return self.in_hand

    def start(self, work: Callable[..., Awaitable[None]], *arguments: Any) -> trio.CancelScope:
        """Run `work(*arguments)` beside the actor, with the context of who starts it.

        Returns the scope that cancels it.
        """
        scope = trio.CancelScope()
        self._scopes[scope] = getattr(work, "__name__", type(work).__name__).strip("_")
        self.nursery.start_soon(self._run, scope, self.context(), work, arguments, name=work)
        return scope

    async def end(self) -> None:
        """Cancel every task and return when all are over."""
        for scope in self._scopes:
            scope.cancel()
        while self._scopes:
            self._none_left = trio.Event()
            await self._none_left.wait()

    async def _run(
        self,
        scope: trio.CancelScope,
        context: Context,
        work: Callable[..., Awaitable[None]],
        arguments: tuple[Any, ...],
    ) -> None:
        task = trio.lowlevel.current_task()
        self._contexts[task] = context
        try:
            with scope:
                await work(*arguments)
        except Exception as crash:  # noqa: BLE001 - a part of the supervisor: the actor's crash, told to it
            told = TaskCrashed(crash, context)
            if not self.owner.mailbox.put_first(told):
                self.unheard = told
        finally:
            del self._contexts[task]
            del self._scopes[scope]
            if not self._scopes and self._none_left is not None:
                self._none_left.set()
