"""What a run was calculated from, as the files of `award rank`: anyone can rank them again without the database."""

from sqlalchemy.orm import Session

from award.errors import NotFound
from award.evaluation import earlier_stage, recalculate
from award.queries.cycles import find_award_cycle
from award.queries.ranking import find_official_run_before, find_run, get_result_text
from award.tables import csv_bytes
from scoring_rules.fact_rows import tables_of


def run_files(db: Session, run_id: int) -> dict[str, bytes]:
    """Contents by file name: rules.yaml, entries.csv, marks.csv, ranking.json, where there are any recusals.csv and
    resolutions.csv, and earlier.json for a later stage.

    Raises NotFound for a run that is not there, Invalid where its rules or facts are not those it was calculated from.
    """
    run = find_run(db, run_id)
    award_cycle = find_award_cycle(db, run.adoption_id) if run else None
    if run is None or award_cycle is None:
        raise NotFound
    again = recalculate(db, run=run, award_cycle=award_cycle)
    contents = {"rules.yaml": again.rules.text.encode()}
    tables = tables_of(again.rules, again.facts, invented=award_cycle.invented)
    contents |= {f"{kind}.csv": csv_bytes(table) for kind, table in tables.items()}
    contents["ranking.json"] = get_result_text(db, run.id).encode()
    before = earlier_stage(again.rules, run.stage)
    if before is not None:
        earlier = find_official_run_before(db, adoption_id=run.adoption_id, stage=before, before=run.id)
        if earlier is not None:
            contents["earlier.json"] = get_result_text(db, earlier).encode()
    return contents
