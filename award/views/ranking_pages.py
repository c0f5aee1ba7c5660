"""What the result pages show, put together from a run's stored result, the rules and the places. Values only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from award.errors import NotFound
from award.evaluation import recalculate, rules_of
from award.queries.cycles import AwardCycle, find_award_cycle, list_award_cycles
from award.queries.ranking import (
    Place,
    Progress,
    Run,
    SeatTitle,
    list_progress,
    list_runs,
    list_seat_titles,
    map_places,
)
from award.queries.ranking_facts import list_resolutions
from award.queries.run_results import GroupRanking, Line, RunResult, get_run_result, map_excused
from award.views.ranking_why import MarkRow, Told, marks_table, tell
from exports import wording
from scoring_rules.facts import Card
from scoring_rules.results import ENGINE
from scoring_rules.rules import Category, RuleSet, Stage
from scoring_rules.words import Words

STRIP = 200  # width of the strip that pictures members' totals


@dataclass(frozen=True, slots=True)
class AwardStage:
    """One award at one stage: how far its slots are, its runs (the newest first) and the ties of the newest."""

    award: AwardCycle
    rules: RuleSet
    stage: Stage
    progress: Progress | None
    runs: tuple[Run, ...]
    ties: int

    @property
    def newest(self) -> Run | None:
        """The last run, of whatever kind."""
        return self.runs[0] if self.runs else None

    @property
    def official(self) -> Run | None:
        """The last official run."""
        return next((run for run in self.runs if run.kind == "official"), None)

    @property
    def is_closed(self) -> bool:
        """Whether every slot of the stage is closed."""
        return self.progress is not None and self.progress.closed == self.progress.slots

    @property
    def is_behind(self) -> bool:
        """Whether a slot was closed after the newest run."""
        closed = self.progress.last_closed_at if self.progress else None
        return self.newest is not None and closed is not None and closed > self.newest.made_at


def list_award_stages(db: Session) -> list[AwardStage]:
    """Every stage of every award, the newest cycle first."""
    progress = {(each.adoption_id, each.stage): each for each in list_progress(db)}
    runs: dict[tuple[int, str], list[Run]] = {}
    for run in list_runs(db):
        runs.setdefault((run.adoption_id, run.stage), []).append(run)
    found = []
    for award in list_award_cycles(db):
        rules = rules_of(award.rules_text)
        for stage in rules.stages:
            own = runs.get((award.adoption_id, stage.code), [])
            ties = len(get_run_result(db, own[0]).blocked) if own else 0
            place = progress.get((award.adoption_id, stage.code))
            found.append(AwardStage(award, rules, stage, place, tuple(own), ties))
    return found


@dataclass(frozen=True, slots=True)
class Section:
    """One category with its groups, and what its codes mean in the page's language."""

    category: Category
    groups: tuple[GroupRanking, ...]
    tiers: Mapping[str, str]
    decided: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RunPage:
    """All that the pages of a run show. `group` and `category` are what was asked for; empty for all."""

    run: Run
    award: AwardCycle
    rules: RuleSet
    stage: Stage
    result: RunResult
    sections: tuple[Section, ...]
    provinces: Mapping[str, str]  # entry → its province
    names: Mapping[str, str]  # group → what it is called
    seats: tuple[SeatTitle, ...]
    decisions: Mapping[tuple[str, str], str]  # (category, group) of decisions recorded after the run → reason
    open_slots: int  # of the stage, now
    unconfirmed_papers: int  # cards of the stage that came from paper and wait for their members, now
    excused: Mapping[tuple[str, str], str]  # (entry, seat) → recused | absent
    category: str
    group: str

    @property
    def group_codes(self) -> tuple[str, ...]:
        """Every group that was ranked, in order."""
        return tuple(dict.fromkeys(each.group for each in self.result.rankings))

    def panel(self, group: str) -> tuple[SeatTitle, ...]:
        """The seats that marked a group: those of its zone, else all."""
        own = tuple(seat for seat in self.seats if str(seat.zone_number) == group)
        return own if self.stage.groups == "zone" else self.seats

    def columns(self, ranking: GroupRanking) -> tuple[SeatTitle, ...]:
        """The seats with a total in a ranking or excused from it, in the order of the panel."""
        marked = {code for line in ranking.lines for code in line.member_totals}
        listed = {line.entry for line in ranking.lines}
        marked |= {seat for entry, seat in self.excused if entry in listed}
        return tuple(seat for seat in self.panel(ranking.group) if seat.code in marked)

    def is_spread(self, category: Category, line: Line) -> bool:
        """Whether members lie as far apart as the rules ask to discuss."""
        alert = category.panel.spread_alert
        return alert is not None and line.spread is not None and Decimal(line.spread) >= alert

    def strip(self, category: Category, line: Line) -> tuple[int, ...]:
        """Every member's total as a place on a strip STRIP wide, smallest first; for drawing only."""
        full = Decimal(str(category.full_mark)) if category.full_mark else Decimal(1)
        return tuple(sorted(int(Decimal(total) * STRIP / full) for total in line.member_totals.values()))


def open_run(db: Session, run: Run, *, language: str, category: str = "", group: str = "") -> RunPage:
    """A run with all that its pages show, of one category or group where asked. Raises NotFound for others.

    Names are put in the language here, once: the pages have a row for every entry.
    """
    award = find_award_cycle(db, run.adoption_id)
    if award is None:
        raise NotFound
    rules, result = rules_of(award.rules_text), get_run_result(db, run)
    places = map_places(db, adoption_id=run.adoption_id)
    stage = rules.stage(run.stage)
    sections = _sections(rules, result, language=language, category=category, group=group)
    if not sections and (category or group):
        raise NotFound
    later = [
        each for each in list_resolutions(db, adoption_id=run.adoption_id, stage=run.stage) if each.at > run.made_at
    ]
    progress = [each for each in list_progress(db, adoption_id=run.adoption_id) if each.stage == run.stage]
    return RunPage(
        run=run,
        award=award,
        rules=rules,
        stage=stage,
        result=result,
        sections=sections,
        provinces={entry: _name(place, language) for entry, place in places.items()},
        names=_group_names(stage, places.values(), language),
        seats=tuple(list_seat_titles(db, cycle_id=award.cycle_id, stage=run.stage)),
        decisions={(each.category, each.group): each.reason for each in later},
        open_slots=sum(each.slots - each.closed for each in progress),
        unconfirmed_papers=sum(each.unconfirmed for each in progress),
        excused=map_excused(db, run),
        category=category,
        group=group,
    )


def _name(place: Place, language: str) -> str:
    return Words(place.name_th, place.name_en).in_language(language)


def _sections(rules: RuleSet, result: RunResult, *, language: str, category: str, group: str) -> tuple[Section, ...]:
    found = []
    for kind in rules.categories:
        groups = tuple(
            each
            for each in result.rankings
            if each.category == kind.code and category in ("", kind.code) and group in ("", each.group)
        )
        if groups:
            tiers = {tier.code: tier.label.in_language(language) for tier in kind.tiers}
            decided = {rule.name: wording.tie_break(kind, rule).in_language(language) for rule in kind.tie_breaks}
            found.append(Section(kind, groups, tiers, decided))
    return tuple(found)


def _group_names(stage: Stage, places: Iterable[Place], language: str) -> Mapping[str, str]:
    """What each group is called: `เขต 9 กลุ่มจังหวัดภาคตะวันออก 2`."""
    if stage.groups == "zone":
        zones = {place.zone_number: (place.zone_th, place.zone_en) for place in places}
        return {
            str(number): Words(f"เขต {number} {th}", f"Zone {number} {en or th}").in_language(language)
            for number, (th, en) in zones.items()
        }
    if stage.groups == "province":
        return {place.name_th: _name(place, language) for place in places}
    return {}


@dataclass(frozen=True, slots=True)
class Explained:
    """One entry's line with its steps. `same`: calculating again gave the stored result to the byte."""

    line: Line
    category: Category
    group: str
    told: Told
    cards: tuple[Card, ...]
    marks: tuple[MarkRow, ...]
    same: bool
    engine: str


def explain_line(db: Session, page: RunPage, entry: str, *, language: str) -> Explained | None:
    """Why an entry stands where it stands; None where the run does not list it."""
    ranking = next((each for each in page.result.rankings if any(line.entry == entry for line in each.lines)), None)
    line = page.result.find_line(entry)
    if ranking is None or line is None:
        return None
    again = recalculate(db, run=page.run, award_cycle=page.award)
    standing = again.evaluation.standing(entry, stage=page.run.stage)
    category = again.rules.category(ranking.category)
    order = {seat.code: place for place, seat in enumerate(page.seats)}
    cards = sorted(again.facts.cards.get(entry, ()), key=lambda card: (order.get(card.member, len(order)), card.member))
    return Explained(
        line=line,
        category=category,
        group=ranking.group,
        told=tell(standing.step, language),
        cards=tuple(cards),
        marks=marks_table(category, standing, cards, language),
        same=again.same,
        engine=ENGINE,
    )
