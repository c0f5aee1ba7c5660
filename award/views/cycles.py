"""The round at a glance, and the rules as people read them."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.errors import NotFound
from award.evaluation import rules_of
from award.policy import Actor, is_signed_in, may_see_progress
from award.queries.cycles import AwardCycle, ZoneProgress, find_award_cycle, list_award_cycles, list_zone_progress
from award.queries.ranking import Run, list_runs
from award.views.context import reading, site
from award.views.guard import guard
from exports import wording
from exports.rules_in_words import chapters, stage_words
from scoring_rules.compare import compare
from scoring_rules.exact import plain
from scoring_rules.reader import list_sets, load_set
from scoring_rules.rules import RuleSet
from scoring_rules.shelf import age_of, releases

pages = Blueprint("cycles", __name__)

PROPOSED_SOURCE = "p"  # how our rule sets cite what is not found anywhere but proposed


@dataclass(frozen=True, slots=True)
class AwardRules:
    """One award with its rules, and the runs of its first stage."""

    award: AwardCycle
    rules: RuleSet
    runs: tuple[Run, ...] = ()

    @property
    def official(self) -> Run | None:
        """The newest official run of the first stage."""
        return next((run for run in self.runs if run.kind == "official"), None)


@dataclass(frozen=True, slots=True)
class Round:
    """The newest cycle: its awards and its zones, with what each province should send."""

    awards: tuple[AwardRules, ...]
    zones: tuple[ZoneProgress, ...]
    per_province: int

    def total(self, what: str) -> int:
        """The sum over all zones, as `ZoneProgress.total`."""
        return sum(zone.total(what) for zone in self.zones)

    @property
    def entries_possible(self) -> int:
        """What all provinces together may send."""
        return self.per_province * sum(len(zone.provinces) for zone in self.zones)

    @property
    def zones_seated(self) -> int:
        """How many zones have a committee."""
        return sum(zone.seats > 0 for zone in self.zones)


def find_adoption(db: Session, _actor: Actor, adoption_id: int) -> AwardCycle | None:
    """The award and its rules: open to everybody who signed in."""
    return find_award_cycle(db, adoption_id)


@pages.get("/o/")
@guard(may_see_progress)
def overview() -> ResponseReturnValue:
    """Set-up, entries, sessions, results: counts only, never points."""
    return render_template("cycles/overview.html", round=_newest_round(reading()), now=site().clock.now())


def _newest_round(db: Session) -> Round | None:
    every = list_award_cycles(db)
    if not every:
        return None
    own = [award for award in every if award.cycle_id == every[0].cycle_id]
    runs = list_runs(db)
    awards = []
    for award in own:
        rules = rules_of(award.rules_text)
        stage = rules.stages[0].code
        made = tuple(run for run in runs if (run.adoption_id, run.stage) == (award.adoption_id, stage))
        awards.append(AwardRules(award, rules, made))
    limits = (category.limit for each in awards for category in each.rules.categories)
    zones = list_zone_progress(db, cycle_id=own[0].cycle_id, stage=awards[0].rules.stages[0].code)
    return Round(awards=tuple(awards), zones=tuple(zones), per_province=sum(limits))


@pages.get("/rules/")
@guard(is_signed_in)
def rules() -> ResponseReturnValue:
    """All awards with the rules adopted for them."""
    every = [AwardRules(award, rules_of(award.rules_text)) for award in list_award_cycles(reading())]
    return render_template("cycles/rules_index.html", awards=every, plain=plain)


@pages.get("/rules/<int:adoption>")
@guard(is_signed_in, adoption=find_adoption)
def rules_of_award(adoption: AwardCycle) -> ResponseReturnValue:
    """One rule set, whole: what is marked, what is measured, how points become ranks, and where it comes from."""
    return render_template(
        "cycles/rules.html",
        award=adoption,
        rules=rules_of(adoption.rules_text),
        revisions=_revisions(reading(), adoption),
        plain=plain,
        wording=wording,
        chapters=chapters,
        stage_words=stage_words,
        proposed_source=PROPOSED_SOURCE,
    )


@pages.get("/rules/<int:adoption>/compare/<revision>")
@guard(is_signed_in, adoption=find_adoption)
def compare_rules(adoption: AwardCycle, revision: str) -> ResponseReturnValue:
    """What another revision of the award's rules says otherwise, from the older one to the newer: one that a round
    adopted, or one that was released. Who would move on the same facts, `award rules compare` says."""
    adopted = _revisions(reading(), adoption).get(revision)
    if adopted is None:
        raise NotFound
    other = rules_of(adopted) if adopted else load_set(f"{adoption.code}/{revision}")
    old, new = sorted((rules_of(adoption.rules_text), other), key=lambda rules: age_of(rules.id))
    found = compare(old, new)
    codes = dict.fromkeys(["", *(each.code for rules in (new, old) for each in rules.categories)])
    labels = {each.code: each.label for rules in (old, new) for each in rules.categories}
    parts = [(labels.get(code), [each for each in found if each.category == code]) for code in codes]
    return render_template(
        "cycles/compare.html",
        award=adoption,
        old=old,
        new=new,
        changes=found,
        deciding=sum(each.kind == "result" for each in found),
        parts_of=[(label, some) for label, some in parts if some],
    )


def _revisions(db: Session, award: AwardCycle) -> dict[str, str]:
    """The other revisions of an award's rules, oldest first: what a round adopted, with its text, and what is released
    and comes with the program (no text: it is read when somebody asks)."""
    there = set(list_sets())
    known = {each.id: "" for each in releases() if each.id in there and each.id.partition("/")[0] == award.code}
    known |= {each.rule_set: each.rules_text for each in list_award_cycles(db) if each.code == award.code}
    return {id.partition("/")[2]: known[id] for id in sorted(known, key=age_of) if id != award.rule_set}


@pages.get("/rules/<int:adoption>/file")
@guard(is_signed_in, adoption=find_adoption)
def rules_file(adoption: AwardCycle) -> ResponseReturnValue:
    """The rule file byte for byte as it was adopted: its SHA-256 is the one shown."""
    name = adoption.rule_set.replace("/", "-") + ".yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(adoption.rules_text.encode(), mimetype="application/yaml", headers=headers)
