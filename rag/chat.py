"""A chat model behind an OpenAI-compatible endpoint: text as it comes, or one of a few plain reasons why it does not.

The call runs in a thread of its own and is read with a wall-clock limit, because a read timeout alone never ends a
stream that drips. `langchain-openai` is imported when the first call is made: it takes seconds, and quote mode never
needs it. Nothing of a call is logged.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from rag.model import Frozen
from rag.settings import Settings
from rag.tokens import A_MESSAGE, count

Trouble = Literal["setup", "busy", "server", "connection", "timeout", "refused", "blocked", "empty", "broken"]
BEAT = 0.25  # seconds after which a waiting reader gets control back
SHORTEST_WAIT = 0.5  # seconds before the one retry of a busy endpoint that does not say how long to wait
CLOSING = object()

# Parameters that an endpoint may not know, by a word of its complaint; each is left out from then on.
OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "schema": ("response_format", "json_schema", "schema", "grammar", "text.format", "structured"),
    "temperature": ("temperature",),
    "usage": ("stream_options", "include_usage"),
}


class ChatFailed(RuntimeError):
    """The model gave no usable reply. `trouble` is what kind of failure it was; the message is for a person."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        self.trouble: Trouble = trouble
        super().__init__(message)


class Message(Frozen):
    role: Literal["system", "user", "assistant"]
    content: str


class Usage(Frozen):
    """Tokens of one or more calls; `estimated` where the endpoint did not say and they were counted here."""

    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
            estimated=self.estimated or other.estimated,
        )


class _Piece(NamedTuple):
    text: str
    usage: Mapping[str, int] | None
    finish: str
    refusal: str


class Chat:
    """One endpoint and model. Safe to share between threads; remembers only which parameters the endpoint refused."""

    def __init__(self, settings: Settings) -> None:
        """Raises ChatFailed("setup") where no model is set or the extra is not installed."""
        if settings.write_model is None:
            raise ChatFailed("setup", "No model is set; EXITVOICES_WRITE_MODEL names one.")
        self._settings = settings
        self._refused: set[str] = set()
        self._made: Any = None
        self._making = threading.Lock()
        self.model = settings.write_model

    @property
    def takes_schema(self) -> bool:
        return "schema" not in self._refused

    def warm_up(self) -> None:
        """Makes the client ahead of the first call. Raises ChatFailed("setup") where the extra is not installed."""
        self._client()
        import langsmith  # noqa: F401  (what the first call would import)
        import openai.resources.chat.completions  # noqa: F401

        count("")

    def ask(
        self,
        messages: Callable[[bool], list[Message]],
        *,
        schema: Mapping[str, Any] | None,
        most: int,
        until: float,
    ) -> Reply:
        """A reply that has not begun yet: iterating over it makes the call.

        `messages` makes the messages, told whether a schema will be asked for; `most` is the limit in tokens and
        `until` the moment (time.monotonic) at which it is too late.
        """
        return Reply(self, messages, schema, most, until)

    def refuse(self, parameter: str) -> None:
        """Leaves an optional parameter out from now on. Raises ChatFailed where it was left out already."""
        if parameter in self._refused:
            raise ChatFailed("setup", f"The endpoint refuses the request, about {parameter}.")
        self._refused.add(parameter)

    def start(
        self, messages: list[Message], schema: Mapping[str, Any] | None, most: int, until: float
    ) -> _Call:
        return _Call(self._client(), messages, self._request(schema, most, until))

    def _request(self, schema: Mapping[str, Any] | None, most: int, until: float) -> dict[str, Any]:
        """The parameters of one call, without those that the endpoint refused before."""
        settings = self._settings
        limit = "max_output_tokens" if settings.write_responses else "max_completion_tokens"
        if settings.write_url and not settings.write_responses:
            limit = "max_tokens"  # the older name is the one that every compatible server knows
        body: dict[str, Any] = {limit: most}
        if schema is not None:
            named = {"name": "answer", "schema": schema, "strict": True}
            if settings.write_responses:
                body["text"] = {"format": {"type": "json_schema", **named}}
            else:  # by the body: the client would parse the whole reply once more, and fail where it is cut off
                body["response_format"] = {"type": "json_schema", "json_schema": named}
        request: dict[str, Any] = {"timeout": max(0.1, until - time.monotonic()), "extra_body": body}
        if "temperature" not in self._refused:
            request["temperature"] = 0
        if not settings.write_responses:
            request["stream_usage"] = "usage" not in self._refused
        return request

    def _client(self) -> Any:
        """The client, made at the first call and shared: connections are kept open between calls."""
        with self._making:
            if self._made is None:
                chat_model = _chat_model()
                import openai

                settings = self._settings
                self._made = chat_model(
                    model=self.model,
                    base_url=settings.write_url,
                    api_key=settings.write_key or "none",
                    max_retries=0,
                    use_responses_api=settings.write_responses,
                    store=False if settings.write_responses else None,
                    http_client=openai.DefaultHttpx2Client(event_hooks={"response": [_opened]}),
                )
            return self._made


class Reply:
    """One reply in pieces: iterate over it once. An empty piece comes whenever nothing came for a moment.

    Raises ChatFailed while it is iterated. Leaving the loop ends the call; `usage` holds in any case.
    """

    def __init__(
        self,
        chat: Chat,
        messages: Callable[[bool], list[Message]],
        schema: Mapping[str, Any] | None,
        most: int,
        until: float,
    ) -> None:
        self._chat, self._messages, self._schema, self._most, self._until = (
            chat,
            messages,
            schema,
            most,
            until,
        )
        self._sent: list[Message] = []
        self._said: list[str] = []
        self._told: Mapping[str, int] | None = None
        self.with_schema = False
        self.cut = False

    @property
    def usage(self) -> Usage:
        """Tokens so far, as the endpoint told or, where it did not, as they are counted here."""
        if self._told:
            return Usage(tokens_in=self._told["input_tokens"], tokens_out=self._told["output_tokens"])
        if not self._said:
            return Usage()
        sent = sum(count(m.content) + A_MESSAGE for m in self._sent)
        return Usage(tokens_in=sent, tokens_out=count("".join(self._said)), estimated=True)

    def __iter__(self) -> Iterator[str]:
        waited = False
        while True:
            schema = self._schema if self._chat.takes_schema else None
            self.with_schema = schema is not None
            self._sent = self._messages(self.with_schema)
            call = self._chat.start(self._sent, schema, self._most, self._until)
            try:
                yield from self._read(call)
                return
            except _Unknown as e:
                self._chat.refuse(e.parameter)
            except _Busy as e:
                wait = SHORTEST_WAIT if e.wait is None else e.wait
                if waited or time.monotonic() + wait >= self._until:
                    raise ChatFailed("busy", "The endpoint is busy.") from e
                waited = True
                yield from _pause(wait)
            finally:
                call.close()

    def _read(self, call: _Call) -> Iterator[str]:
        refusal = finish = ""
        while True:
            left = self._until - time.monotonic()
            if left <= 0:
                raise ChatFailed("timeout", "The model did not answer in time.")
            piece = call.next(min(BEAT, left))
            if piece is None:
                yield ""
                continue
            if isinstance(piece, Exception):
                raise _explained(piece)
            if piece is CLOSING:
                break
            assert isinstance(piece, _Piece)
            self._told, finish = piece.usage or self._told, piece.finish or finish
            refusal += piece.refusal
            if finish == "content_filter":
                raise ChatFailed("blocked", "The endpoint's moderation blocked the reply.")
            if refusal:
                raise ChatFailed("refused", "The model refused.")
            if piece.text:
                self._said.append(piece.text)
                yield piece.text
        if not "".join(self._said).strip():
            raise ChatFailed("empty", "The model's reply was empty.")
        self.cut = finish in ("length", "max_output_tokens")


class _Unknown(Exception):
    """The endpoint does not know an optional parameter."""

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(message)


class _Busy(Exception):
    def __init__(self, wait: float | None) -> None:
        self.wait = wait
        super().__init__("busy")


class _Call:
    """A call that is read in a thread of its own, so that whoever waits for it can stop waiting."""

    def __init__(self, model: Any, messages: list[Message], request: Mapping[str, Any]) -> None:
        self._pieces: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self.response: Any = None
        threading.Thread(target=self._read, args=(model, messages, request), name="chat", daemon=True).start()

    def next(self, seconds: float) -> object:
        """What came next: a piece, an exception, CLOSING at the end, or None when nothing came in so many seconds."""
        try:
            return self._pieces.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Ends the call. A stream that sends nothing but keep-alive lines is only ended by closing it from here."""
        self._stopped.set()
        if self.response is not None:
            with suppress(
                Exception
            ):  # it is being read by another thread; whatever that means for it, it ends
                self.response.close()

    def _read(self, model: Any, messages: list[Message], request: Mapping[str, Any]) -> None:
        try:
            from langsmith import tracing_context

            _OWN.call = self
            with tracing_context(enabled=False):  # what readers ask goes to the endpoint and nowhere else
                for chunk in model.stream([(m.role, m.content) for m in messages], **request):
                    if self._stopped.is_set():
                        return  # leaving the loop closes the connection, which ends the model's work
                    self._pieces.put(_piece(chunk))
            self._pieces.put(CLOSING)
        except Exception as e:  # handed on to whoever reads, who explains it
            self._pieces.put(e)


_OWN = threading.local()  # the call of a thread, so that the client's hook can hand it its response


def _opened(response: Any) -> None:
    _OWN.call.response = response


def _chat_model() -> Any:
    try:
        from langchain_openai import ChatOpenAI
    except ImportError as e:
        raise ChatFailed("setup", "Write mode needs the extra: pip install 'exitvoices[write]'.") from e
    return ChatOpenAI


def _piece(chunk: Any) -> _Piece:
    about, extra = chunk.response_metadata or {}, chunk.additional_kwargs or {}
    incomplete = (about.get("incomplete_details") or {}).get("reason", "")
    refusal = str(extra.get("refusal") or "")
    if isinstance(chunk.content, list):
        refusal += "".join(
            str(b.get("refusal") or "") for b in chunk.content if isinstance(b, dict) and "refusal" in b
        )
    finish = incomplete or about.get("finish_reason") or ""
    return _Piece(str(chunk.text), chunk.usage_metadata, str(finish), refusal)


def _pause(seconds: float) -> Iterator[str]:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(BEAT, left))
        yield ""


def _explained(error: Exception) -> Exception:
    """Whatever a client raises, as one of our own exceptions; the endpoint's words are kept out of them.

    An endpoint may repeat the prompt or the key in its complaint, so only its status code is told on.
    """
    import openai

    if isinstance(error, ChatFailed):
        return error
    if isinstance(error, openai.APITimeoutError):
        return ChatFailed("timeout", "The model did not answer in time.")
    if isinstance(error, openai.APIConnectionError):
        return ChatFailed("connection", "The endpoint cannot be reached, or the connection broke.")
    if isinstance(error, openai.RateLimitError):
        return _Busy(_retry_after(error.response.headers))
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return ChatFailed("blocked", "The endpoint's moderation blocked the reply.")
    if isinstance(error, openai.APIStatusError):
        return _of_status(error)
    if isinstance(error, openai.APIError):
        return ChatFailed("server", "The endpoint reported an error while it answered.")
    if type(error).__module__.split(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2"):
        late = "Timeout" in type(error).__name__
        return (
            ChatFailed("timeout", "The model did not answer in time.")
            if late
            else ChatFailed("connection", "The connection broke while the model answered.")
        )
    return ChatFailed("broken", f"The endpoint's reply could not be read ({type(error).__name__}).")


def _of_status(error: Any) -> Exception:
    status, complaint = int(error.status_code), str(error).lower()
    if status in (400, 422):
        if "content_filter" in complaint or "content management policy" in complaint:
            return ChatFailed("blocked", "The endpoint's moderation blocked the question.")
        for parameter, words in OPTIONAL.items():
            if any(w in complaint for w in words):
                return _Unknown(parameter, f"status {status}, about {parameter}")
    if status in (401, 403):
        return ChatFailed("setup", f"The endpoint refused the key ({status}); see EXITVOICES_WRITE_KEY.")
    if status == 404:
        return ChatFailed(
            "setup", "The endpoint knows no such address or model (404); see EXITVOICES_WRITE_URL and _MODEL."
        )
    if status in (503, 529):
        return _Busy(_retry_after(error.response.headers))
    return ChatFailed("server", f"The endpoint answered with an error ({status}).")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    with suppress(KeyError, ValueError):
        return max(0.0, float(headers["retry-after"]))
    return None
