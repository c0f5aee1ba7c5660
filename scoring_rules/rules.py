"""A rule set as values: everything that decides one award in one cycle. Made by `reader`, read by all else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from scoring_rules.exact import Number, Rounding
from scoring_rules.words import Words

Policy = Literal["leave_out", "lowest", "refuse"]
Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where rules come from; `clause: "s1 §2"` cites its code."""

    code: str
    what: Words


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a `choice` field."""

    code: str
    label: Words


@dataclass(frozen=True, slots=True)
class Field:
    """What an entrant fills in. Only the limits of its `type` are set."""

    code: str
    label: Words
    type: str  # text long_text integer decimal date choice yes_no link files table
    required: bool
    help: Words | None = None
    part_of: str | None = None  # path of a criterion
    clause: str | None = None
    max_chars: int | None = None
    max_words: int | None = None
    places: int | None = None
    min: Number | None = None
    max: Number | None = None
    options: tuple[Option, ...] = ()
    accept: tuple[str, ...] = ()
    max_files: int | None = None
    max_mb: int | None = None
    columns: tuple["Field", ...] = ()
    max_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    """A measured fact that rules read: one number field, or `times` x numerator / denominator."""

    code: str
    label: Words
    unit: Words
    better: Better
    field: str | None = None
    ratio: tuple[str, str] | None = None
    times: Number = 1
    round: Rounding | None = None
    rows: str | None = None  # "district": one row per district, which must add up
    max: Number | None = None  # what the value cannot exceed: 100 where the numerator is part of the denominator
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Bands:
    """Edges ascending, each inclusive. higher: the largest edge <= x; lower: the smallest edge >= x; else `beyond`."""

    better: Better
    edges: tuple[tuple[Number, Number], ...]
    beyond: Number


@dataclass(frozen=True, slots=True)
class Linear:
    """Straight line from 0 points at `zero_at` to full points at `full_at`, clamped at both ends."""

    zero_at: Number
    full_at: Number


@dataclass(frozen=True, slots=True)
class Scale:
    """The marks a member may give: from, from+step, …, to."""

    from_: Number
    to: Number
    step: Number

    def holds(self, mark: Number) -> bool:
        """Whether `mark` lies on the scale and on a step."""
        return self.from_ <= mark <= self.to and (mark - self.from_) % self.step == 0


@dataclass(frozen=True, slots=True)
class Level:
    """What a mark means."""

    at: Number
    text: Words


@dataclass(frozen=True, slots=True)
class Suggest:
    """The engine proposes a mark from an indicator; a different mark needs a written reason."""

    indicator: str
    bands: Bands


@dataclass(frozen=True, slots=True)
class MarksSource:
    """A member gives a mark on `scale`; `worth` says what it earns, `comment` when it needs a note."""

    scale: Scale
    worth: Literal["share_of_top", "share_of_range", "as_points"]
    levels: tuple[Level, ...] = ()
    suggest: Suggest | None = None
    comment: Literal["optional", "required", "required_at_ends", "required_when_different"] = "optional"


@dataclass(frozen=True, slots=True)
class IndicatorSource:
    """Points come from a number, the same for every member; one of `bands` and `linear` is set."""

    indicator: str
    bands: Bands | None = None
    linear: Linear | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to tick, with the points it earns."""

    code: str
    label: Words
    points: Number


@dataclass(frozen=True, slots=True)
class ChecklistSource:
    """Items a member ticks; a mark on `leaf/item` is 1 or 0."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A node: inner with `parts`, or a leaf with a `source`. `path` is unique in its category: `d1/commitment`."""

    code: str
    path: str
    label: Words
    points: Number
    parts: tuple["Criterion", ...] = ()
    source: MarksSource | IndicatorSource | ChecklistSource | None = None
    evidence: tuple[str, ...] = ()  # field codes shown beside the criterion
    clause: str | None = None

    def walk(self) -> Iterator["Criterion"]:
        """This node, then everything below it, in the order written."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Drop:
    """How many of the highest and lowest a trimmed mean leaves out, where so many members count."""

    high: int
    low: int
    when_at_least: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What is done about a member who was recused or absent, and about a mark left blank."""

    recused: Policy
    absent: Policy
    blank: Policy


@dataclass(frozen=True, slots=True)
class Panel:
    """From members to one value."""

    combine: Literal["mean", "median", "sum", "trimmed_mean"]
    applied_to: Literal["marks", "totals"]
    quorum: int
    missing: Missing
    drop: Drop | None = None
    spread_alert: Number | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """`what` of `code` compared with `value`. what: field, indicator, criterion, total (code is then "")."""

    what: Literal["field", "indicator", "criterion", "total"]
    code: str
    compare: Literal["at_least", "at_most", "equals"]
    value: Number


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points added (`amount` > 0) or subtracted (< 0): once `when` holds, or per unit of a field or indicator."""

    code: str
    label: Words
    amount: Number
    per: tuple[Literal["field", "indicator"], str] | None = None
    when: Condition | None = None
    at_most: Number | None = None  # bound of the whole adjustment's size
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """From the sum of points to the total: adjustments in the order written, then the bounds."""

    floor: Number
    ceiling: Number
    adjustments: tuple[Adjustment, ...] = ()
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Roundings:
    """Mode and stage of every rounding; None is the stated `none`."""

    combined: Rounding | None
    points: Rounding | None
    total: Rounding | None
    rank_on: Literal["rounded", "exact"]
    clause: str | None = None

    @property
    def places(self) -> int:
        """Decimals in which totals are shown."""
        return self.total.places if self.total else 6


@dataclass(frozen=True, slots=True)
class Eligibility:
    """A condition on an entry. `otherwise`: not ranked at all, or ranked without a tier and without going on."""

    code: str
    label: Words
    require: Condition
    otherwise: Literal["not_eligible", "not_placed"]
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class TieBreak:
    """by: criterion (code is a path), indicator, pairwise, median, spread, resolution, share."""

    by: str
    code: str = ""
    clause: str | None = None

    @property
    def name(self) -> str:
        """`criterion:d1`, `median`, …: how results name it."""
        return f"{self.by}:{self.code}" if self.code else self.by


@dataclass(frozen=True, slots=True)
class Tier:
    """A level of the award; the first of a category that holds is taken. Without conditions it takes all the rest."""

    code: str
    label: Words
    at_least: Number | None = None
    rank_at_most: int | None = None
    reward: Words | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Carries:
    """How much of the total comes from an earlier stage: `share`, from 0 to 1. `label` is what that stage is called."""

    stage: str
    share: Number
    label: Words = field(default=Words(""), compare=False)

    @property
    def name(self) -> Words:
        """The earlier stage as people know it; its code where no label was given."""
        return self.label if self.label.th else Words(self.stage)


@dataclass(frozen=True, slots=True)
class Stage:
    """One round of ranking, inside groups or over all entries."""

    code: str
    label: Words
    groups: Literal["none", "zone", "province", "region"]
    advance: int | None = None  # how many of each group go on
    carries: Carries | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """Entries ranked together, by these rules."""

    code: str
    label: Words
    entrant: str
    limit: int
    limit_per: str
    criteria: tuple[Criterion, ...]
    panel: Panel
    total: Total
    rounding: Roundings
    tie_breaks: tuple[TieBreak, ...]
    fields: tuple[Field, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    eligibility: tuple[Eligibility, ...] = ()
    tiers: tuple[Tier, ...] = ()
    clause: str | None = None
    _leaves: tuple[Criterion, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        leaves = tuple(node for root in self.criteria for node in root.walk() if not node.parts)
        object.__setattr__(self, "_leaves", leaves)

    @property
    def leaves(self) -> tuple[Criterion, ...]:
        """Leaf criteria in the order written."""
        return self._leaves

    @property
    def full_mark(self) -> Number:
        """The most that the criteria can earn, before adjustments."""
        return sum((root.points for root in self.criteria), start=0)

    def nodes(self) -> Iterator[Criterion]:
        """Every criterion, parents before their parts."""
        for root in self.criteria:
            yield from root.walk()

    def criterion(self, path: str) -> Criterion:
        """The node at `path`. Raises KeyError."""
        return {node.path: node for node in self.nodes()}[path]

    def field(self, code: str) -> Field:
        """The field of that code. Raises KeyError."""
        return {each.code: each for each in self.fields}[code]

    def indicator(self, code: str) -> Indicator:
        """The indicator of that code. Raises KeyError."""
        return {each.code: each for each in self.indicators}[code]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One rule file. `sha256` is that of the file's bytes; `text` is the file as read."""

    id: str
    award: Words
    short: Words
    cycle: int  # Buddhist Era
    basis: Literal["proposed", "confirmed"]
    sources: tuple[Source, ...]
    categories: tuple[Category, ...]
    stages: tuple[Stage, ...]
    sha256: str
    text: str

    @property
    def award_code(self) -> str:
        """The part of the id before the slash: `transparent-office`."""
        return self.id.partition("/")[0]

    def category(self, code: str) -> Category:
        """The category of that code. Raises KeyError."""
        return {each.code: each for each in self.categories}[code]

    def stage(self, code: str) -> Stage:
        """The stage of that code. Raises KeyError."""
        return {each.code: each for each in self.stages}[code]
