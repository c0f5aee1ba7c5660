"""One answer that cannot be stored holds back itself, and nothing else that was typed."""


from flask.testing import FlaskClient

from award.answers.tidy import MOST_CHARACTERS
from tests.award.build import TRAT, BuiltSite
from tests.award.test_entries import entry_of, save
from tests.award.test_entries import officer as officer
from tests.award.test_entries import site as site
from tests.award.test_private_numbers import ID

CODE = f"pa-{TRAT}"


def test_without_the_pages_code_all_but_the_refused_answers_is_stored(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, CODE)
    typed = {"summary": f"ติดต่อ {ID}", "title": "ชื่อผลงานใหม่", "plots_done": "๖๓", "publicity_links:0:name": ID}
    shown = officer.post(
        f"/e/{entry.id}/answers", data={"base_revision": entry.revision, "shown:publicity_links": "1", **typed}
    )
    assert shown.status_code == 422
    assert "Everything is saved, except this:" in shown.text and shown.text.count("1-xxxx-xxxxx-xx-1") == 2
    assert f">ติดต่อ {ID}</textarea>" in shown.text and f'value="{ID}"' in shown.text, "both stay as they were typed"
    now = entry_of(site, CODE)
    assert now.revision == entry.revision + 1 and f'name="base_revision" value="{now.revision}"' in shown.text
    assert ID not in now.answers and "ชื่อผลงานใหม่" in now.answers and '"plots_done": "63"' in now.answers


def test_a_refusal_names_the_question_that_is_at_fault(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, CODE)
    for wrong in (f"เลข {ID}", "ก" * (MOST_CHARACTERS + 1)):
        refused = save(officer, entry, {"title": "ดี", "summary": wrong}, key=f"key-{len(wrong)}-too-much")
        assert (refused.status_code, refused.get_json()["details"]) == (422, {"field": "summary"})
    assert entry_of(site, CODE).revision == entry.revision


def test_what_is_wrong_with_the_form_as_such_stores_nothing(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, CODE)
    data = {"base_revision": entry.revision, "title": "ชื่อ", "all_dimensions": "perhaps"}
    assert officer.post(f"/e/{entry.id}/answers", data=data).status_code == 422
    assert entry_of(site, CODE).revision == entry.revision
