"""What every request and response passes: a cap on the body while it is read, security headers, and no stack trace out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import language, problem
from zoning.bilingual import Bilingual

JSON_LIMIT: Final = 10 * 1024 * 1024
UPLOAD_LIMIT: Final = 50 * 1024 * 1024
_MULTIPART_ROOM: Final = 64 * 1024
"""Room for the boundaries, headers and small fields around an uploaded file."""

HEADERS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Set on every response that does not set them itself."""

_log = logging.getLogger("shanhe")


def too_large(limit: int) -> problem.TooLarge:
    megabytes = limit // (1024 * 1024)
    return problem.TooLarge(
        "body-too-large",
        Bilingual(f"请求内容超过 {megabytes} MB 的上限。", f"The body is over the limit of {megabytes} MB."),
        value=limit,
    )


def _nul(scope: Scope) -> problem.BadRequest | None:
    """The refusal of a NUL character in path or query: no text here holds one, and the database takes none."""
    if "\0" not in scope["path"] and b"%00" not in scope["query_string"]:
        return None
    text = Bilingual("地址含有空字符（%00）。", "The address holds a NUL character (%00).")
    return problem.BadRequest("parameter-invalid", text)


@dataclass(slots=True)
class _Exchange:
    """One request and its response on their way through."""

    receive: Receive
    send: Send
    limit: int
    allowed: int
    head: bool
    read: int = 0
    started: bool = False

    async def receiving(self) -> Message:
        message = await self.receive()
        self.read += len(message.get("body", b""))
        if self.read > self.allowed:
            raise too_large(self.limit)
        return message

    async def sending(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        elif self.head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self.send(message)


class Guard:
    """Pure ASGI middleware around the whole application; HEAD is answered as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        lang = language.from_header(headers.get("accept-language"))
        limit = allowed = JSON_LIMIT
        if headers.get("content-type", "").startswith("multipart/form-data"):
            limit, allowed = UPLOAD_LIMIT, UPLOAD_LIMIT + _MULTIPART_ROOM
        head = scope["method"] == "HEAD"
        exchange = _Exchange(receive, send, limit, allowed, head)
        scope = {**scope, "method": "GET"} if head else scope
        said = headers.get("content-length", "")
        if said.isdigit() and int(said) > exchange.allowed:
            await problem.of_error(too_large(exchange.limit), lang)(scope, receive, exchange.sending)
            return
        if (wrong := _nul(scope)) is not None:
            await problem.of_error(wrong, lang)(scope, receive, exchange.sending)
            return
        try:
            await self._app(scope, exchange.receiving, exchange.sending)
        except Exception as error:
            if exchange.started:
                raise
            if isinstance(error, problem.TooLarge):
                answer = problem.of_error(error, lang)
            else:
                _log.exception("%s %s failed", scope["method"], scope["path"])
                answer = problem.of_status(500, lang)
            await answer(scope, receive, exchange.sending)
