"""What a mailbox promises."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from tallystick.actors import Context, Mailbox, MailboxClosed, MailboxFull
from tallystick.actors.mailbox import Envelope


def a_letter(message: object, size: int = 0) -> Envelope[object]:
    return Envelope(message=message, context=Context(), reply=None, arrived=0.0, size=size)


async def test_messages_are_taken_in_the_order_in_which_they_were_put() -> None:
    box: Mailbox[object] = Mailbox()
    for number in range(5):
        box.put_nowait(a_letter(number))
    assert [(await box.take()).message for _ in range(5)] == [0, 1, 2, 3, 4]


async def test_a_mailbox_is_bounded_by_the_bytes_that_its_messages_hold() -> None:
    box: Mailbox[object] = Mailbox(limit=10, limit_bytes=100)
    box.put_nowait(a_letter("a", size=60))
    with pytest.raises(MailboxFull):
        box.put_nowait(a_letter("b", size=60))
    await box.take()
    box.put_nowait(a_letter("b", size=60))


async def test_a_message_larger_than_all_the_bytes_is_taken_by_an_empty_mailbox() -> None:
    box: Mailbox[object] = Mailbox(limit_bytes=10)
    box.put_nowait(a_letter("whale", size=1000))
    assert (await box.take()).message == "whale"


async def test_a_waiting_sender_gets_the_room_that_a_taken_message_leaves(nursery: trio.Nursery) -> None:
    box: Mailbox[object] = Mailbox(limit=1)
    box.put_nowait(a_letter(1))
    nursery.start_soon(box.put, a_letter(2))
    await wait_all_tasks_blocked()
    assert len(box) == 1
    assert (await box.take()).message == 1
    await wait_all_tasks_blocked()
    assert (await box.take()).message == 2


async def test_a_closed_mailbox_hands_back_what_nobody_will_handle_and_takes_no_more() -> None:
    box: Mailbox[object] = Mailbox()
    box.put_nowait(a_letter(1))
    assert [envelope.message for envelope in box.close()] == [1]
    with pytest.raises(MailboxClosed):
        await box.put(a_letter(2))
    with pytest.raises(MailboxClosed):
        await box.take()


async def test_closing_ends_the_wait_of_senders_and_of_the_taker(nursery: trio.Nursery) -> None:
    box: Mailbox[object] = Mailbox()
    ended = trio.Event()

    async def take() -> None:
        with pytest.raises(MailboxClosed):
            await box.take()
        ended.set()

    nursery.start_soon(take)
    await wait_all_tasks_blocked()
    box.close()
    await ended.wait()
