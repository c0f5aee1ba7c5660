"""What entrants fill in, the numbers made of it, and the names that the rest of a category may refer to."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from scoring_rules.exact import MODES, Number, Rounding, plain
from scoring_rules.fact_entries import COLUMNS
from scoring_rules.reading import Place, Section, near, once
from scoring_rules.rules import Better, Criterion, Field, Indicator, Option
from scoring_rules.words import Words

# Limits that a field of each type must and may state.
LIMITS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (("max_chars",), ()),
    "long_text": (("max_words",), ()),
    "integer": ((), ("min", "max")),
    "decimal": (("places",), ("min", "max")),
    "date": ((), ()),
    "choice": (("options",), ()),
    "yes_no": ((), ()),
    "link": ((), ()),
    "files": (("accept", "max_files", "max_mb"), ()),
    "table": (("columns", "max_rows"), ()),
}
COLUMN_TYPES = tuple(kind for kind in LIMITS if kind not in ("files", "table"))
NUMERIC = ("integer", "decimal")
COUNTED = (*NUMERIC, "yes_no")
BETTER: tuple[Better, ...] = ("higher", "lower")


@dataclass(slots=True)
class Names:
    """What a category has declared so far. `doubtful` codes were read with problems: nothing is concluded from them."""

    fields: dict[str, Field] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    nodes: dict[str, Criterion] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    waiting: list[Place] = field(default_factory=list)  # criterion paths read before the criteria

    def field_at(self, place: Place, *, types: tuple[str, ...] = ()) -> str:
        """The field code written here; noted where there is no such field, or its type is none of `types`."""
        code = place.code()
        found = self.fields.get(code)
        if code and found is None:
            _unknown(place, "unknown_field", Words("ช่องกรอก", "field"), code, self.fields)
        elif found and types and found.type not in types and f"field {code}" not in self.doubtful:
            place.note(
                "field_not_numeric",
                Words(
                    f"ช่องกรอก “{code}” เป็นชนิด {found.type} นับเป็นตัวเลขไม่ได้",
                    f'The field "{code}" is a {found.type}: it holds no number.',
                ),
                Words(f"ใช้ช่องชนิด {' หรือ '.join(types)}", f"Refer to a field of type {' or '.join(types)}."),
            )
        return code

    def indicator_at(self, place: Place) -> str:
        """The indicator code written here; noted where there is no such indicator."""
        code = place.code()
        if code and code not in self.indicators:
            _unknown(place, "unknown_indicator", Words("ตัวชี้วัด", "indicator"), code, self.indicators)
        return code

    def certain_indicator(self, code: str) -> Indicator | None:
        """The indicator, where it is known and was read without a problem."""
        return self.indicators.get(code) if f"indicator {code}" not in self.doubtful else None

    def certain_field(self, code: str) -> Field | None:
        """The field, where it is known and was read without a problem."""
        return self.fields.get(code) if f"field {code}" not in self.doubtful else None

    def node_at(self, place: Place) -> str:
        """The criterion path written here; noted where there is no such criterion."""
        path = place.text()
        if path and path not in self.nodes:
            _unknown(place, "unknown_criterion", Words("เกณฑ์", "criterion"), path, self.nodes)
        return path

    def settle(self) -> None:
        """Check the paths that were written before the criteria were known."""
        for place in self.waiting:
            self.node_at(place)


def _unknown(place: Place, code: str, kind: Words, name: str, known: Iterable[str]) -> None:
    says = Words(f"ไม่มี{kind.th} “{name[:60]}”", f'There is no {kind.en} "{name[:60]}".')
    place.note(code, says, near(name, known))


def read_fields(places: list[Place], names: Names) -> tuple[Field, ...]:
    """The fields of a category, entered into `names`."""
    fields = []
    for place in places:
        before = len(place.notes.problems)
        each = _field(place, types=tuple(LIMITS), names=names)
        fields.append(each)
        names.fields.setdefault(each.code, each)
        if len(place.notes.problems) > before:
            names.doubtful.add(f"field {each.code}")
        if each.code in COLUMNS:  # files of entries have a column for each field beside these
            says = Words(
                f"รหัส “{each.code}” เป็นชื่อคอลัมน์ที่แฟ้มผลงานมีอยู่แล้ว",
                f'"{each.code}" is a column that files of entries already have.',
            )
            place.note("reserved_code", says, Words("ตั้งรหัสอื่นให้ช่องนี้", "Choose another code."))
    once(places, [each.code for each in fields])
    return tuple(fields)


def _field(place: Place, *, types: tuple[str, ...], names: Names | None) -> Field:
    """One field, or one column of a table (then `names` is None)."""
    kind = place.peek("type")
    if kind in types:
        must, may = LIMITS[kind]
    else:
        must, may = (), tuple(key for limits in LIMITS.values() for keys in limits for key in keys)
    own = ("help", "part_of", "clause") if names else ("help",)
    section = place.section("code", "label", "type", "required", *must, optional=(*own, *may))
    if names and section.has("part_of"):
        names.waiting.append(section.at("part_of"))
    made = Field(
        code=section.code(),
        label=section.words(),
        type=section.choice("type", types),
        required=section.flag("required"),
        help=section.words("help") if section.has("help") else None,
        part_of=section.text("part_of") or None,
        clause=section.clause(),
    )
    return _with_limits(made, section) if kind in types else made


def _with_limits(made: Field, section: Section) -> Field:
    kind = made.type
    if kind == "text":
        return replace(made, max_chars=section.whole("max_chars", least=1, most=10_000))
    if kind == "long_text":
        return replace(made, max_words=section.whole("max_words", least=1, most=10_000))
    if kind in NUMERIC:
        places = section.whole("places", least=1, most=6) if kind == "decimal" else None
        low, high = _bound(section, "min", places or 0), _bound(section, "max", places or 0)
        if low is not None and high is not None and low > high and section.sound():
            says = Words(
                f"min {plain(low)} มากกว่า max {plain(high)}", f"min {plain(low)} is larger than max {plain(high)}."
            )
            section.at("min").note("upside_down", says, Words("สลับหรือแก้สองค่านี้", "Swap or change the two."))
        return replace(made, places=places, min=low, max=high)
    if kind == "choice":
        return replace(made, options=_options(section.items("options", by_code=True)))
    if kind == "files":
        return replace(
            made,
            accept=tuple(place.code() for place in section.items("accept")),
            max_files=section.whole("max_files", least=1, most=100),
            max_mb=section.whole("max_mb", least=1, most=1000),
        )
    if kind == "table":
        places_ = section.items("columns", by_code=True)
        columns = tuple(_field(place, types=COLUMN_TYPES, names=None) for place in places_)
        once(places_, [column.code for column in columns])
        return replace(made, columns=columns, max_rows=section.whole("max_rows", least=1, most=1000))
    return made


def _bound(section: Section, key: str, places: int) -> Number | None:
    return section.number(key, places=places) if section.has(key) else None


def _options(places: list[Place]) -> tuple[Option, ...]:
    sections = [place.section("code", "label") for place in places]
    options = tuple(Option(section.code(), section.words()) for section in sections)
    once(places, [option.code for option in options])
    return options


def read_indicators(places: list[Place], names: Names) -> tuple[Indicator, ...]:
    """The indicators of a category, entered into `names`; the fields must be there already."""
    indicators = []
    for place in places:
        before = len(place.notes.problems)
        each = _indicator(place, names)
        indicators.append(each)
        names.indicators.setdefault(each.code, each)
        if len(place.notes.problems) > before:
            names.doubtful.add(f"indicator {each.code}")
    once(places, [each.code for each in indicators])
    return tuple(indicators)


def _indicator(place: Place, names: Names) -> Indicator:
    section = place.section("code", "label", "unit", "better", "from", optional=("round", "rows", "max", "clause"))
    number, ratio, times = _origin(section, names) if section.has("from") else (None, None, 1)
    if section.at("from").holds("ratio") and not section.has("round"):
        says = Words("อัตราส่วนนี้ไม่ได้บอก round ว่าปัดเศษอย่างไร", "This ratio does not say in round how it is rounded.")
        remedy = Words(
            "เพิ่มบรรทัด `round: {places: 2, mode: half_up}` ข้าง `from` ค่าที่แสดงคือค่าที่ใช้ตัดสิน",
            "Add a line `round: {places: 2, mode: half_up}` beside `from`: the number shown is the number that counts.",
        )
        section.at("from").note("ratio_not_rounded", says, remedy)
    return Indicator(
        code=section.code(),
        label=section.words(),
        unit=_unit(section),
        better=section.choice("better", BETTER),
        field=number,
        ratio=ratio,
        times=times,
        round=read_rounding(section.at("round")) if section.has("round") else None,
        rows=section.choice("rows", ("district",)) if section.has("rows") else None,
        max=section.number("max", above=0) if section.has("max") else None,
        clause=section.clause(),
    )


def _unit(section: Section) -> Words:
    plain_text = section.place.peek("unit")
    return Words(plain_text) if plain_text else section.words("unit")


def _origin(section: Section, names: Names) -> tuple[str | None, tuple[str, str] | None, Number]:
    """`{field}` or `{ratio, times}`."""
    place = section.at("from")
    if not place.holds("ratio"):
        return (
            names.field_at(place.section("field").at("field"), types=COUNTED) if _opens(place, "field") else None,
            None,
            1,
        )
    origin = place.section("ratio", "times")
    parts = origin.items("ratio")
    if len(parts) != 2:
        if parts:
            says = Words(f"อัตราส่วนต้องมี 2 ช่อง แต่พบ {len(parts)}", f"A ratio needs 2 fields, found {len(parts)}.")
            remedy = Words("เขียน [ตัวตั้ง, ตัวหาร]", "Write [numerator, denominator].")
            origin.at("ratio").note("not_a_pair", says, remedy)
        return None, None, 1
    numerator, denominator = (names.field_at(part, types=NUMERIC) for part in parts)
    once(parts, [numerator, denominator], Words("ช่องกรอก", "field"))
    return None, (numerator, denominator), origin.number("times", above=0)


def _opens(place: Place, key: str) -> bool:
    """Whether the mapping has the key; where not, its lack is noted."""
    if place.holds(key):
        return True
    place.section(key)
    return False


def read_rounding(place: Place) -> Rounding:
    """`{places, mode}`."""
    section = place.section("places", "mode")
    return Rounding(section.whole("places", least=0, most=6), section.choice("mode", MODES))
