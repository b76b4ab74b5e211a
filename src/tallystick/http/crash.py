"""A crash as monitoring hears of it: what and where, without the words of a request."""

from tallystick.monitoring import HandlerCrashed


def crash_told(crash: Exception, route: str, correlation_id: str) -> HandlerCrashed:
    """The event for a crash; of a group, its first leaf."""
    leaf: BaseException = crash
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    return HandlerCrashed(
        error=type(leaf).__name__, route=route, where=_where(leaf), correlation_id=correlation_id
    )


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
