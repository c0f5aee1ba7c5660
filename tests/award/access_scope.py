"""What is whose, asked of the tables in plain SQL: a second opinion on the program's own scopes."""

from tests.award.access_world import LOGINS, World

# Duties that hold today, of one person.
_HELD = (
    "select d.* from duty d join user u on u.id = d.user_id where u.login = :login and d.state = 'confirmed' "
    "and d.from_day <= '2021-07-19' and (d.to_day is null or d.to_day >= '2021-07-19')"
)
# What a person holds in a provincial office.
_OFFICE = f"select * from ({_HELD}) where role in ('officer', 'director', 'chief')"
_SEES_ALL = f"exists (select 1 from ({_HELD}) h where h.role in ('organizer', 'auditor'))"
_ENTRY = f"""
select e.id from entry e where {_SEES_ALL}
union select e.id from entry e join ({_OFFICE}) h on h.province_code = e.province_code
union select e.id from entry e join assignment a on a.entry_id = e.id join seat s on s.id = a.seat_id
  join ({_HELD}) h on h.id = s.duty_id
  where a.excused <> 'recused' and e.state in ('submitted', 'not_presented')
"""
_DAY = f"""
select d.id from scoring_session d where {_SEES_ALL}
union select d.id from scoring_session d join seat s on s.panel_id = d.panel_id join ({_HELD}) h on h.id = s.duty_id
"""
_CHAIRED = f"""
select d.id from scoring_session d join seat s on s.panel_id = d.panel_id and s.kind = 'chair'
  join ({_HELD}) h on h.id = s.duty_id
"""
_FOLLOWED = f"""
{_DAY}
union select d.id from scoring_session d join ({_OFFICE}) h on h.province_code = d.province_code
"""
_OF_PROVINCE = f"""
select d.id from scoring_session d where {_SEES_ALL}
union select d.id from scoring_session d join ({_OFFICE}) h on h.province_code = d.province_code
"""
_CARD = f"select a.id from assignment a join seat s on s.id = a.seat_id join ({_HELD}) h on h.id = s.duty_id"
# Page with one number in its address → every number there is, and those within a person's scope.
PAGES = {
    "/e/{}": ("select id from entry", _ENTRY),
    "/files/{}": (
        "select id from evidence", f"select id from evidence where kind = 'file' and entry_id in ({_ENTRY})"),
    "/follow-ups/{}": ("select id from follow_up", f"select id from follow_up where entry_id in ({_ENTRY})"),
    "/s/{}": ("select id from scoring_session", _DAY),
    "/s/{}/chair": ("select id from scoring_session", _CHAIRED),
    "/s/card/{}": ("select id from assignment", _CARD),
    "/s/slot/{}/compare": ("select id from slot", f"select id from slot where session_id in ({_DAY})"),
    "/s/slot/{}/sheet": (
        "select id from slot",
        f"select slot_id from assignment where id in ({_CARD})"),
    "/s/{}/live": ("select id from scoring_session", _FOLLOWED),
    "/s/{}/calendar.ics": ("select id from scoring_session", _FOLLOWED),
    "/s/{}/province": ("select id from scoring_session", _OF_PROVINCE),
    "/s/{}/interest": ("select id from scoring_session", _DAY),
    "/s/{}/minutes": ("select id from scoring_session", _DAY),
    "/s/{}/minutes.txt": ("select id from scoring_session", _DAY),
    "/s/slot/{}/remarks": ("select id from slot", f"select id from slot where session_id in ({_FOLLOWED})"),
}  # fmt: skip


def numbers(world: World, sql: str, who: str = "") -> set[int]:
    """The numbers that a statement answers for one person."""
    values = {"login": LOGINS[who]} if ":login" in sql else {}
    return {int(row[0]) for row in world.rows(sql, **values)}
