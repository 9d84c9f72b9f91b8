"""What a process may spend on the model: reserved before a call, settled after it, never more than the budget."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from rag.chat import Chat, Message, Reply, Usage
from rag.settings import Settings
from rag.tokens import A_MESSAGE, count

MILLION = 1_000_000


class Purse:
    """Counts tokens and, where prices are set, money. Safe between threads: what is under way counts as spent."""

    def __init__(
        self,
        price_in: float | None = None,
        price_out: float | None = None,
        budget: float | None = None,
        budget_tokens: int | None = None,
    ) -> None:
        self._prices = None if price_in is None or price_out is None else (price_in, price_out)
        self._budget, self._budget_tokens = budget, budget_tokens
        self._lock = threading.Lock()
        self._spent = Usage()
        self._reserved: list[Usage] = []

    def cost(self, usage: Usage) -> float | None:
        """What the tokens cost, in the currency of the prices; None where none are set."""
        if self._prices is None:
            return None
        return round((usage.tokens_in * self._prices[0] + usage.tokens_out * self._prices[1]) / MILLION, 6)

    def reserve(self, wanted: Usage) -> bool:
        """Puts tokens aside for a call; False, and nothing put aside, where the budget does not hold them."""
        with self._lock:
            whole = sum([*self._reserved, self._spent, wanted], Usage())
            cost = self.cost(whole)
            dear = self._budget is not None and cost is not None and cost > self._budget
            many = (
                self._budget_tokens is not None and whole.tokens_in + whole.tokens_out > self._budget_tokens
            )
            if dear or many:
                return False
            self._reserved.append(wanted)
            return True

    def settle(self, wanted: Usage, used: Usage) -> None:
        """Ends a reservation with what was really used."""
        with self._lock:
            self._reserved.remove(wanted)
            self._spent += used


class Account:
    """The model calls of one answer: paid from the purse, added up in `usage`."""

    def __init__(self, chat: Chat, purse: Purse) -> None:
        self._chat, self._purse = chat, purse
        self.usage = Usage()

    @property
    def cost(self) -> float | None:
        return self._purse.cost(self.usage)

    @contextmanager
    def ask(
        self,
        messages: Callable[[bool], list[Message]],
        *,
        schema: Mapping[str, Any] | None,
        most: int,
        until: float,
    ) -> Iterator[Reply]:
        """A reply (see rag.chat) within the block. Raises BudgetSpent before anything is sent."""
        sent = sum(count(m.content) + A_MESSAGE for m in messages(schema is not None))
        wanted = Usage(tokens_in=sent, tokens_out=most)
        if not self._purse.reserve(wanted):
            raise BudgetSpent
        reply = self._chat.ask(messages, schema=schema, most=most, until=until)
        try:
            yield reply
        finally:
            self._purse.settle(wanted, reply.usage)
            self.usage += reply.usage


class BudgetSpent(Exception):
    """The process has no tokens or money left for a call."""


def purse_of(settings: Settings) -> Purse:
    """The purse of this process for these limits: it outlives an index that is replaced."""
    return _purse(
        settings.write_price_in,
        settings.write_price_out,
        settings.write_budget,
        settings.write_budget_tokens,
    )


_purse = cache(Purse)
