"""A page is mapped in turns at the loop, which are short while somebody waits for an answer."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import trio
from attrs import define, field
from tests.engine.conftest import ScriptedConnector

from tallystick.config import EngineSettings
from tallystick.connectors import Books, Issue, Page, Resource
from tallystick.engine.load import Load
from tallystick.engine.mapping import PageMapper
from tallystick.standard import Metadata, StandardRecord, Supplier
from tallystick.telemetry import Telemetry

SUPPLIERS = Resource(name="Contacts", data_types=("suppliers",))


@define(eq=False)
class Loop:
    """Turns at the loop: the records that each of them mapped."""

    turns: list[int] = field(factory=list)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None, None]:
        self.turns.append(0)
        yield

    def split(self, resource: Resource, raw: bytes) -> list[msgspec.Raw]:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])

    def records(
        self, resource: Resource, row: msgspec.Raw, books: Books, issues: list[Issue]
    ) -> list[StandardRecord]:
        self.turns[-1] += 1
        return [Supplier(id=bytes(row).decode(), status="Active", metadata=Metadata())]


def a_page(rows: int) -> Page:
    return Page(raw=b"", records=[msgspec.Raw(str(n).encode()) for n in range(rows)], next=None)


async def test_turns_are_short_while_a_request_is_in_hand_and_every_row_is_mapped_once() -> None:
    loop, load = Loop(), Load(EngineSettings(), Telemetry())
    connector = ScriptedConnector(mapper=loop)  # type: ignore[arg-type]
    mapper = PageMapper(connector, loop.turn, load.hurried)
    quiet = await mapper.map(SUPPLIERS, a_page(200))
    in_quiet_times = list(loop.turns)
    loop.turns.clear()
    with load.request():
        hurried = await mapper.map(SUPPLIERS, a_page(200))
    assert max(loop.turns) * 3 <= max(in_quiet_times), (loop.turns, in_quiet_times)
    for mapped in (quiet, hurried):
        assert [(record.id, record.place) for record in mapped.records] == [(str(n), n) for n in range(200)]


async def test_turns_change_their_length_in_the_middle_of_a_page() -> None:
    loop, load = Loop(), Load(EngineSettings(), Telemetry())
    mapper = PageMapper(ScriptedConnector(mapper=loop), loop.turn, load.hurried)  # type: ignore[arg-type]

    async def ask() -> None:
        with load.request():
            for _ in range(3):
                await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        mapped = await mapper.map(SUPPLIERS, a_page(400))
    assert len(set(loop.turns[:-1])) == 2, loop.turns
    assert [record.place for record in mapped.records] == list(range(400))


def test_two_requests_that_overlap_are_both_counted() -> None:
    load = Load(EngineSettings(), Telemetry())
    with load.request():
        with load.request():
            pass
        assert load.hurried()
    assert not load.hurried()
