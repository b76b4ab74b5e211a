"""Keeps the budgets over a restart: what was called lately, and until when a provider wants no calls.

Written at most once a second. A process that is killed so forgets the calls begun in its last second.
That is safe: nothing is lost by a call too many, it is answered 429 and made again after the wait that the
provider names. And it is rare: at Xero the first answer after a start tells what is left, and our count
goes down to it before more calls than fit in flight have gone out. What would cost more, a closing that
lasts (a day that is spent), is written at once.
"""

from contextlib import suppress
from typing import Final

import trio
from attrs import define

from tallystick.connectors.allotment import AllotmentState
from tallystick.connectors.budget import Budgets, BudgetState
from tallystick.errors import StoreUnusable
from tallystick.store import BudgetRow, Stores, budgets

_EVERY_S: Final = 1.0
#: For the last writing, when everything stops.
_LAST_S: Final = 3.0


@define(eq=False)
class BudgetKeeping:
    """A `Service`: start it before whatever calls providers, so that it stops after it."""

    stores: Stores
    budgets: Budgets

    async def restore(self) -> None:
        """Take up what was kept, before the first call. Cost: reads control.db only."""
        now = self.stores.clock()
        with suppress(StoreUnusable):  # it is housekeeping: a disk that is full refuses no start
            await self.stores.control.write(budgets.forget_old, now)
        rows = await self.stores.control.read(budgets.every)
        self.budgets.restore([_state(row) for row in rows])

    async def run(self) -> None:
        """Write what changes until cancelled, and then once more."""
        try:
            while True:
                await self.budgets.stirred()
                await self.write()
                with trio.move_on_after(_EVERY_S):
                    await self.budgets.pressing()
        finally:
            with trio.move_on_after(_LAST_S, shield=True):
                await self.write()

    async def write(self) -> None:
        """Write what has changed. What a disk does not take now is there to be written again."""
        changes = self.budgets.take_changes()
        if not changes:
            return
        kept = False
        try:
            await self.stores.control.write(budgets.save, [_row(state) for state in changes])
            kept = True
        except StoreUnusable:  # told by `CommitFailed`; the counts in memory stay right
            pass
        finally:
            if not kept:
                self.budgets.give_back(changes)


def _row(state: BudgetState) -> BudgetRow:
    return BudgetRow(
        platform=state.platform,
        app=state.app,
        tenant_id=state.tenant_id,
        as_of=state.as_of,
        minute=state.kept.minute,
        day=state.kept.day,
        closed_for_s=state.kept.closed_for_s,
        closed_by=state.kept.closed_by,
    )


def _state(row: BudgetRow) -> BudgetState:
    return BudgetState(
        platform=row.platform,
        app=row.app,
        tenant_id=row.tenant_id,
        as_of=row.as_of,
        kept=AllotmentState(
            minute=row.minute, day=row.day, closed_for_s=row.closed_for_s, closed_by=row.closed_by
        ),
    )
