"""The event loop of a notebook: one for all of its cells, as in Jupyter, so that a task may outlive its cell."""

import asyncio
import inspect
from collections.abc import Coroutine
from types import CodeType
from typing import Any

# Who starts a loop of their own cannot do it inside of a running one.
_OWN_LOOP = ("asyncio.run(", "run_until_complete(", "Runner(")


class NotebookLoop:
    """Runs the code of cells, on the notebook's event loop once a cell has asked for one."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, code: CodeType, names: dict[str, Any], text: str) -> Any:
        """Run compiled code of a cell with this text, and give its value. Code that awaits is waited for."""
        if code.co_flags & inspect.CO_COROUTINE:
            return self._wait(eval(code, names))
        if self._loop is None and "asyncio" not in text:
            return eval(code, names)
        if any(call in text for call in _OWN_LOOP):
            return eval(code, names)
        # In Jupyter the loop runs while any cell does: `create_task` finds it without an await.
        value, error = self._wait(_within(code, names))
        if error is not None:
            raise error
        return value

    def _wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)  # asyncio.run leaves none behind
        return self._loop.run_until_complete(coroutine)


async def _within(code: CodeType, names: dict[str, Any]) -> tuple[Any, BaseException | None]:
    """Run code that does not await. What it raises is given: some exceptions may not leave a coroutine."""
    try:
        return eval(code, names), None
    except BaseException as error:
        return None, error
