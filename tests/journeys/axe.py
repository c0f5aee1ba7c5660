"""What axe finds in a page: one way for every test that asks it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, ViewportSize

from tests.award.build import BuiltSite
from tests.journeys.serving import signed_in

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
SIZES = (DESK, PHONE)

# On one page axe takes the same handful of colours apart thousands of times, half of all its time; here each once.
EACH_COLOUR_ONCE = """{
  const colour = axe.commons.color.Color.prototype, parse = colour.parseString, known = new Map();
  colour.parseString = function (text) {
    if (!known.has(text)) {
      parse.call(this, text);
      known.set(text, { r: this.r, g: this.g, b: this.b, alpha: this.alpha });
    }
    return Object.assign(this, known.get(text));
  };
}"""
# What fades in has come, at once; what moves without end goes on.
SETTLE = """for (const each of document.getAnimations())
  if (each.effect.getComputedTiming().endTime < Infinity) each.finish();"""
# Every rule of axe; only what is broken is reported, and what tells where and why.
VIOLATIONS = f"""async (place) => {{
  {SETTLE}
  const {{ violations }} = await axe.run(place ?? document, {{ resultTypes: ["violations"] }});
  const told = ({{ target, html, failureSummary }}) => ({{ target, html, failureSummary }});
  return violations.map(({{ id, nodes }}) => ({{ id, nodes: nodes.map(told) }}));
}}"""
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true })"


@dataclass(frozen=True, slots=True)
class Place:
    """A served site, and the numbers that the addresses of its pages hold."""

    site: BuiltSite
    address: str
    ids: dict[str, int]


def violations(page: Page, place: str | None = None) -> list[dict[str, Any]]:
    """Each rule that the page breaks, or the part of it that a selector names: its `id`, and the `nodes` where."""
    if page.evaluate("typeof axe") == "undefined":  # it stays in the page until the next one is opened
        page.evaluate(f"{AXE_SCRIPT};{EACH_COLOUR_ONCE};0")
    found: list[dict[str, Any]] = page.evaluate(VIOLATIONS, place)
    return found


def faults_of(
    page: Page, path: str, sizes: Sequence[ViewportSize] = SIZES, small: Sequence[ViewportSize] = ()
) -> dict[str, Any]:
    """What is wrong with the page, everything on it unfolded; empty where nothing is.

    At a desk, on a phone and in `small` windows without motion nothing may stick out; axe looks at it at `sizes`."""
    page.evaluate(UNFOLD)
    found: dict[str, Any] = {}
    for size in SIZES:
        page.set_viewport_size(size)
        at = f"{path} at {size['width']}"
        width = page.evaluate(f"() => {{ {SETTLE} return document.documentElement.scrollWidth; }}")
        if width > size["width"]:
            found[f"{at}: scrolls sideways"] = width
        for each in violations(page) if size in sizes else ():
            found[f"{at}: {each['id']}"] = [(node["target"], node["failureSummary"]) for node in each["nodes"][:3]]
    if small:
        page.emulate_media(reduced_motion="reduce")
        for size in small:
            page.set_viewport_size(size)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                found[f"{path} at {size['width']} by {size['height']}: scrolls sideways"] = width
        page.emulate_media(reduced_motion="no-preference")
    return found


def look(
    browser: Browser, place: Place, login: str, paths: Sequence[str], small: Sequence[ViewportSize] = (), **options: Any
) -> dict[str, Any]:
    """Opens each path as this person and tells what is wrong with it; a page that has a fault of its own fails.

    axe looks at the Thai page at a desk and on a phone, at the English one, of the same elements, where less fits.
    `small`: as for `faults_of`; `options`: of the browser's context.
    """
    found: dict[str, Any] = {}
    login, password = login.format(**place.ids), place.site.round.password
    with signed_in(browser, place.address, login, password, **options) as person:
        for language, sizes in (("th", SIZES), ("en", (PHONE,))):
            person.context.add_cookies([{"name": "language", "value": language, "url": place.address}])
            for path in paths:
                page = person.go(path.format(**place.ids))
                assert page.locator("html").get_attribute("lang") == language, path
                found |= faults_of(page, f"{path} in {language}", sizes, small)
    return found
