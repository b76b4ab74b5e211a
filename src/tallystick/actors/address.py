"""What others hold of an actor: a name to send to. Nobody else touches its state."""

from typing import Any, Generic, TypeVar

import trio
from attrs import frozen

from tallystick.actors.mailbox import Context, Envelope, Mailbox, MailboxClosed, MailboxFull
from tallystick.actors.promise import Promise
from tallystick.errors import ActorUnavailable

M = TypeVar("M")
NOBODY = Context()


@frozen(eq=False)
class Address(Generic[M]):
    """Sends to one actor, through every restart of it."""

    id: str  #: such as `connection/5f2c…`
    mailbox: Mailbox[M]

    async def tell(self, message: M, context: Context = NOBODY) -> None:
        """Send and go on; waits only for room. Raises: `ActorUnavailable` when it has stopped."""
        try:
            await self.mailbox.put(self._envelope(message, context, None))
        except MailboxClosed as error:
            raise ActorUnavailable(actor=self.id, reason="has stopped") from error

    def tell_nowait(self, message: M, context: Context = NOBODY) -> None:
        """Send without waiting. Raises: `ActorUnavailable` when there is no room or it has stopped."""
        try:
            self.mailbox.put_nowait(self._envelope(message, context, None))
        except MailboxFull as error:
            raise ActorUnavailable(actor=self.id, reason="has a full mailbox") from error
        except MailboxClosed as error:
            raise ActorUnavailable(actor=self.id, reason="has stopped") from error

    async def ask(self, message: M, *, deadline: float = 5.0, context: Context = NOBODY) -> Any:
        """Send and wait for the answer, `deadline` seconds in all.

        Raises: whatever error the actor answers with; `ActorUnavailable` at the deadline, when it has
        stopped, or when the message crashed it. Cancelled, the message may still be handled.
        """
        reply: Promise[Any] = Promise()
        with trio.move_on_after(deadline):
            try:
                await self.mailbox.put(self._envelope(message, context, reply))
            except MailboxClosed as error:
                raise ActorUnavailable(actor=self.id, reason="has stopped") from error
            answer = await reply.wait()
            return await answer.wait() if isinstance(answer, Promise) else answer
        raise ActorUnavailable(actor=self.id, reason=f"did not answer within {deadline:g} s")

    def _envelope(self, message: M, context: Context, reply: Promise[Any] | None) -> Envelope[M]:
        return Envelope(
            message=message,
            context=context,
            reply=reply,
            arrived=trio.current_time(),
            size=int(getattr(message, "size_bytes", 0)),
        )
