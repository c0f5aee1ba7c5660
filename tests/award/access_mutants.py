"""Breaks what grants access, one piece at a time and in this process: questions, scopes, the guard's loaders."""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

from award import policy
from award.actions import scoring as marking
from award.policy import Actor
from award.queries import entries, scoring
from award.queries.people import find_actor_by_login
from tests.award.access_world import World

YES = (lambda *args, **kwargs: True).__code__
NO = (lambda *args, **kwargs: False).__code__
# A yes to these keeps a person out: broken, they say no.
KEEPING_OUT = ("needs_second_factor", "are_apart", "share_a_cycle", "has_missed")
# Broken or not, it says yes; and what is only advice.
NOTHING_TO_BREAK = ("anyone", "should_have_second_factor")


def questions() -> dict[str, Any]:
    """Every predicate of policy.py by name."""
    found = inspect.getmembers(policy, inspect.isfunction)
    return {
        name: function
        for name, function in found
        if function.__module__ == policy.__name__
        and inspect.signature(function).return_annotation is bool
        and name not in NOTHING_TO_BREAK
    }


@contextmanager
def broken(function: Any, code: CodeType) -> Iterator[None]:
    """Everybody who knows the function gets the broken one meanwhile."""
    kept = function.__code__
    function.__code__ = code
    try:
        yield
    finally:
        function.__code__ = kept


def rewritten(function: Any, old: str, new: str) -> CodeType:
    """The function with a piece of its source replaced. Raises ValueError where the piece is not there once."""
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(old) != 1:
        raise ValueError(f"{function.__qualname__} no longer says: {old}")
    inside: dict[str, Any] = {}
    lines = source.replace(old, new).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("def "))
    exec(compile("\n".join(lines[start:]), "<broken>", "exec"), function.__globals__, inside)  # noqa: S102 (our own source)
    code: CodeType = inside[function.__name__].__code__
    return code


def getter(name: str) -> FunctionType:
    """The function behind a property of Actor."""
    made: FunctionType = vars(Actor)[name].fget
    return made


# What narrows a person's view to what is theirs: the place, the words that narrow, what stands there when broken.
SCOPES: dict[str, tuple[Any, str, str]] = {
    "a person holds only the roles of their duties": (Actor.has, "duty.role in roles", "True"),
    "nobody is signed in without an account": (getter("is_signed_in"), "self.user_id != 0", "True"),
    "an officer answers for their own provinces": (
        getter("provinces"), "return tuple(", "return ('22', '23') or tuple("),
    "a seat hangs on a duty held today": (getter("duty_ids"), "return tuple(", "return tuple(range(1, 300)) or tuple("),
    "entries of the own province": (
        entries.seen_by, "Entry.province_code.in_(actor.provinces) if actor.provinces else false()", "true()"),
    "entries assigned to an own seat": (entries.seen_by, ", Seat.duty_id.in_(actor.duty_ids)", ""),
    "no entry that one stepped back from": (entries.seen_by, 'Assignment.excused != "recused",', ""),
    "no entry before it is sent": (entries.seen_by, 'Entry.state.in_(("submitted", "not_presented"))', "true()"),
    "days of the own panel": (scoring.within, "Seat.duty_id.in_(duty_ids)", "Seat.id > 0"),
    "days everywhere for those who see all": (scoring.within, "true() if everywhere else false()", "true()"),
    "cards of one's own": (marking.is_own, " and card.duty_user_id == actor.user_id", ""),
    "cards through a duty that two people gave": (marking.is_own, 'card.duty_state == "confirmed" and ', ""),
    "cards through a duty held today": (marking.is_own, "is_on(today, card.duty_from, card.duty_to)", "True"),
}  # fmt: skip


def barriers() -> Iterator[tuple[str, CodeType]]:
    """barrier_to_marking without one of its reasons at a time."""
    function: Any = policy.barrier_to_marking
    source = inspect.getsource(function)
    for line in source.splitlines():
        if line.strip().startswith("return"):
            yield line.strip().removeprefix("return "), rewritten(function, line, line.split("return")[0] + 'return ""')


Loaders = dict[str, Callable[..., Any]]


def loaders_of(view: Any) -> Loaders:
    """The loaders that a view's guard was given: the very dictionary that it looks into."""
    while "loaders" not in view.__code__.co_freevars:
        view = view.__wrapped__
    found: Loaders = view.__closure__[view.__code__.co_freevars.index("loaders")].cell_contents
    return found


def has_scope(load: Callable[..., Any]) -> bool:
    """Whether a loader looks at who asks: what everybody may read has an argument `_actor`."""
    return list(inspect.signature(load).parameters)[1] == "actor"


@contextmanager
def unscoped(world: World, endpoint: str, name: str) -> Iterator[None]:
    """The guard of a route finds the thing if anybody at all might."""
    loaders = loaders_of(world.site.app.view_functions[endpoint])
    kept, today = loaders[name], world.site.clock.today()
    with world.site.database.reading() as db:
        logins = ("organizer", "auditor", "p22", "p23", "z9-chair", "z9-member", "z9-secretary", "z10-chair")
        actors = [find_actor_by_login(db, login, today=today) for login in logins]

    def find(db: Any, actor: Actor, value: Any) -> Any:
        found = (kept(db, each, value) for each in (actor, *actors))
        return next((each for each in found if each is not None), None)

    loaders[name] = find
    try:
        yield
    finally:
        loaders[name] = kept


@contextmanager
def watched(seen: set[str]) -> Iterator[None]:
    """Notes in `seen` each question of policy.py that is asked meanwhile."""
    told: dict[str, Any] = {**questions(), "barrier_to_marking": policy.barrier_to_marking}
    space: dict[str, Any] = vars(policy)
    kept = {name: FunctionType(each.__code__, space, name, each.__defaults__) for name, each in told.items()}
    for name, function in kept.items():
        function.__kwdefaults__ = told[name].__kwdefaults__
    codes = {name: function.__code__ for name, function in told.items()}
    space["_asked"], space["_kept"] = seen, kept
    try:
        for name, function in told.items():
            inside: dict[str, Any] = {}
            exec(f"def f(*a, **k):\n _asked.add({name!r})\n return _kept[{name!r}](*a, **k)", space, inside)  # noqa: S102
            function.__code__ = inside["f"].__code__
        yield
    finally:
        for name, function in told.items():
            function.__code__ = codes[name]
        del space["_asked"], space["_kept"]
