"""What on a page would stop somebody: axe-core's findings, and what axe-core does not measure."""

import os
from functools import cache
from pathlib import Path

from maps import vendor

CHECKS = Path(os.environ.get("WANGGE_HOME", ".wangge")) / "checks"
GRAVE = ("serious", "critical")
RUN = """
async ({ exclude, essential }) => {
    // What is on its way from one colour to another has neither.
    for (const moving of document.getAnimations())
        if (Number.isFinite(moving.effect.getComputedTiming().endTime)) moving.finish();
    const where = (node) => document.querySelector(node.target);
    const free = (node) => essential.some((selector) => where(node).matches(selector));
    const rules = { "target-size": { enabled: true } };
    const { violations } = await axe.run({ exclude }, { rules, resultTypes: ["violations"] });
    return violations.flatMap(({ id, impact, help, nodes }) => nodes
        .filter((node) => id !== "target-size" || !free(node)).map((node) => ({
        impact: node.impact ?? impact, says: `${id}: ${node.target.join(" ")}: ${help}`,
    })));
}
"""

SMALL = """
({ least, exclude }) => {
    const foreign = exclude.flatMap((selector) => [...document.querySelectorAll(selector)]);
    const small = [];
    for (const element of document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']",
    )) {
        if (foreign.some((part) => part.contains(element))) continue;
        // What is pressed in the place of a box that is hidden, or beside one, is its label.
        const label = element.labels && element.labels[0];
        const pressed = label && label.contains(element) ? label : element;
        const { width, height } = pressed.getBoundingClientRect();
        const style = getComputedStyle(pressed);
        const inSentence = style.display === "inline" && element.tagName === "A";
        if (width < 2 || style.visibility !== "visible" || inSentence) continue;
        if (Math.min(width, height) < least - 0.5)
            small.push(`${element.outerHTML.slice(0, 80)}: ${[width, height].map(Math.round)}`);
    }
    return small;
}
"""
WIDE = """
() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const cut = (element) => element.closest("svg, .leaflet-container");
    const wide = [...document.body.querySelectorAll("*")].filter((element) => {
        const { right, width } = element.getBoundingClientRect();
        return width > 0 && right > room + 0.5 && !cut(element);
    });
    return wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 80));
}
"""

STOPS = """
(exclude) => {
    const foreign = exclude.flatMap((selector) => [...document.querySelectorAll(selector)]);
    const groups = new Set();
    return [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']",
    )].filter((element) => {
        const { width } = element.getBoundingClientRect();
        const closed = element.closest("details:not([open])");
        const folded = closed && element.parentElement !== closed;
        if (!width || folded || element.disabled || element.tabIndex < 0) return false;
        if (getComputedStyle(element).visibility !== "visible") return false;
        if (foreign.some((part) => part.contains(element))) return false;
        if (element.type !== "radio") return true;
        return !groups.has(element.name) && groups.add(element.name);
    }).length;
}
"""
HERE = """
(exclude) => {
    const foreign = exclude.flatMap((selector) => [...document.querySelectorAll(selector)]);
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    if (foreign.some((part) => part.contains(element))) return { foreign: true };
    const label = element.labels && element.labels[0];
    const drawn = [element, label, element.nextElementSibling, element.parentElement]
        .filter(Boolean).find((one) => {
            const { outlineStyle, outlineWidth } = getComputedStyle(one);
            return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
        });
    const [before, after] = ["::before", "::after"].map((one) => getComputedStyle(element, one));
    const inside = after.borderStyle === "solid" && parseFloat(after.borderWidth) >= 2;
    const within = before.outlineStyle === "solid" && parseFloat(before.outlineWidth) >= 2;
    let sides = inside || within ? 4 : 0;
    if (drawn) {
        const { outlineOffset, outlineWidth } = getComputedStyle(drawn);
        const out = parseFloat(outlineOffset) + parseFloat(outlineWidth);
        const box = drawn.getBoundingClientRect();
        const ring = [box.left - out, box.top - out, -box.right - out, -box.bottom - out];
        const room = [0, 0, -innerWidth, -innerHeight];
        for (let up = drawn.parentElement; up && up !== document.body; up = up.parentElement) {
            if (getComputedStyle(up).overflow === "visible") continue;
            const { left, top, right, bottom } = up.getBoundingClientRect();
            [left, top, -right, -bottom].forEach((at, n) => { room[n] = Math.max(room[n], at); });
        }
        sides = ring.filter((at, n) => at >= room[n] - 0.5).length;
    }
    // What has the focus may change the page before it: only the order of the two counts.
    const { stopped } = globalThis;
    const onward = !stopped || stopped.contains(element) || element === stopped
        || Boolean(stopped.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
    globalThis.stopped = element;
    return { onward, sides, says: element.outerHTML.slice(0, 100) };
}
"""
TO_THE_TOP = """
() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
    scrollTo(0, 0);
}
"""
MOST_STOPS = 400


@cache
def axe() -> str:
    """Return the text of axe-core, which `./wangge test` fetches before the tests."""
    pin = vendor.read_lock(vendor.CHECKS)["axe-core"]
    return (CHECKS / vendor.folder_name("axe-core", pin) / "axe.min.js").read_text("utf-8")


def findings(page, *, leave_out=(), essential=()) -> list[str]:
    """Return the serious and critical findings on a page as it stands: "rule: selector: help".

    ``leave_out`` are selectors of parts that are not ours, ``essential`` of what cannot be larger
    or elsewhere, as the corners of a border on a map.

    The text of axe-core is evaluated from outside, as a debugger does it, so that the
    page keeps its Content-Security-Policy.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
    return [
        finding["says"]
        for finding in page.evaluate(RUN, {"exclude": [*leave_out], "essential": [*essential]})
        if finding["impact"] in GRAVE
    ]


def too_small(page, *, least, leave_out=()) -> list[str]:
    """Return what can be pressed and is smaller than ``least`` px, links in a sentence apart."""
    return page.evaluate(SMALL, {"least": least, "exclude": [*leave_out]})


def too_wide(page) -> list[str]:
    """Return what makes the page scroll sideways."""
    return page.evaluate(WIDE)


def stops(page, *, leave_out=()) -> list[dict]:
    """Return where the tab key stops, one after the other: what it "says", whether it comes
    "onward" in the document, and how many "sides" of the ring around it can be seen.
    """
    page.evaluate(TO_THE_TOP)
    found: list[dict] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE, [*leave_out])
        if here is None or "foreign" in here:
            break
        found.append(here)
    return found


def stops_due(page, *, leave_out=()) -> int:
    """Return at how many places the tab key has to stop."""
    return page.evaluate(STOPS, [*leave_out])
