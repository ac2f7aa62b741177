"""What a work order says of itself: its title, its facts, its opening sentence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cityplan.model.ledger import VERDICTS
from cityplan.outputs.ledger_table import LEDGER_VERDICTS, is_overdue
from cityplan.outputs.words import pair, word
from cityplan.outputs.wrapping import shortened

if TYPE_CHECKING:
    from cityplan.model.report import Report
    from cityplan.outputs.work_orders import Order
    from cityplan.text import Language

_TITLE_COLUMNS = 60


def order_title(order: Order, report: Report) -> str:
    """Return the name of the department or territory and what the paper is."""
    name = shortened(order.name, _TITLE_COLUMNS)
    return pair(name, word(f"order_{order.kind}", report.lang), report.lang)


def order_facts(order: Order, report: Report) -> list[tuple[str, str]]:
    """Return city, plan, day and what a territory answers for."""
    lang, plan = report.lang, order.ledger.plan
    facts = [
        (word("city_name", lang), report.area.name),
        (word("order_plan", lang), plan.title.get(lang)),
        (word("order_as_of", lang), order.ledger.as_of.isoformat()),
    ]
    if order.duty:
        facts.append((word("order_duty", lang), order.duty))
    return facts


def opening(order: Order, report: Report) -> str:
    """Return in one or two sentences what is asked, or that nothing is."""
    lang, day = report.lang, order.ledger.as_of.isoformat()
    if order.kind == "territory":
        if not order.gaps:
            return word("territory_no_gaps", lang).format(day=day)
        unnamed = sum(not row.responsibility.lead for row in order.gaps)
        said = word("territory_has_gaps", lang).format(day=day, count=len(order.gaps))
        return said + (word("territory_unnamed", lang).format(count=unnamed) if unnamed else "")
    gaps = (
        word("order_has_gaps", lang).format(day=day, count=len(order.gaps))
        if order.gaps
        else word("order_no_gaps", lang).format(day=day)
    )
    return word("order_opening", lang).format(
        plan=order.ledger.plan.title.get(lang),
        clauses=_led(order, lang),
        counts=verdict_words(order, lang),
        gaps=gaps,
    )


def verdict_words(order: Order, lang: Language) -> str:
    """Return how many of the clauses stand how, and how many are overdue."""
    entries = [line.entry for line in order.lines]
    count = Counter(entry.verdict for entry in entries)
    parts = [
        f"{LEDGER_VERDICTS[verdict].get(lang)} {count[verdict]}"
        for verdict in VERDICTS
        if count[verdict]
    ]
    said = word("comma", lang).join(parts)
    overdue = sum(map(is_overdue, entries))
    more = f"{word('order_overdue', lang)} {overdue}"
    return word("in_brackets", lang).format(text=said, more=more) if overdue else said


def _led(order: Order, lang: Language) -> str:
    duties = sum(line.entry.kind == "duty" for line in order.lines)
    counts = (("order_clauses", len(order.lines) - duties), ("order_duties", duties))
    parts = [word(key, lang).format(count=count) for key, count in counts if count]
    return word("comma", lang).join(parts)
