"""A stored check as the report's tables: every cell a finished text in one language. It measures nothing anew."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console

from app.cli import finding as found
from app.cli import route as along
from app.cli.screen import Screen
from app.report.words import Words
from zoning import attributes, terms
from zoning.terms import AccessLevel, ClauseAnswer, Dimension, label
from zoning.wording import STATUS, hectares, share

Data = Mapping[str, Any]
Row = tuple[str, ...]

_LEVELS: Final = tuple(AccessLevel)


@dataclass(frozen=True, slots=True)
class Named:
    """A label and its text or texts."""

    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingText:
    """A finding in full: its number, its outcome (for the sign), a heading and labelled lines."""

    number: int
    outcome: str
    heading: str
    lines: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class ClauseTable:
    """One unit's clauses: a heading, notes, and rows of (answer id, answer, level, dimension, clause, reason, source)."""

    heading: str
    notes: tuple[str, ...]
    rows: tuple[Row, ...]


def screen_of(lang: Any) -> Screen:
    """A screen that prints nowhere: the command line's words are the report's words."""
    return Screen(Console(file=io.StringIO(), highlight=False, markup=False, emoji=False), lang, wraps=False)


class Tables:
    """The tables of one check in one language."""

    def __init__(self, check: Data, said: Words) -> None:
        self.check = check
        self.said = said
        self.screen = screen_of(said.lang)
        self.colon, self.comma = ("：", "、") if said.lang == "zh" else (": ", ", ")
        self._counties = {one["code"]: one["name"] for one in check["site"]["counties"]}

    def pick(self, text: Any) -> str:
        return self.said.pick(text)

    def size(self, part: Data) -> str:
        """An area with hectares and m², or a length."""
        if part.get("area_m2") is not None or part.get("overlap_m2") is not None:
            return self.pick(hectares(part.get("area_m2") or part.get("overlap_m2") or 0.0))
        metres = part.get("length_m") if part.get("length_m") is not None else part.get("overlap_m")
        return "—" if metres is None else f"{metres:,.2f} m"

    def facts(self) -> tuple[Named, ...]:
        """What was asked, and of what ground."""
        site, project, said = self.check["site"], self.check["project"], self.said
        industry = self.pick(project["industry_name"])
        rows = [
            (said("project_name"), said("project_name_blank")),
            (said("industry"), f"{project['industry']} {industry}"),
            (said("activity"), self.pick(terms.activity_title(project["activity"]))),
            (said("counties"), self.comma.join(f"{c['name']} {c['code']}" for c in site["counties"]) or "—"),
        ]
        if site["dimension"] == 2:
            rows += [
                (said("area"), f"{site['area_m2']:,.2f} m²（{site['area_m2'] / 10_000:,.4f} ha）" if said.lang == "zh"
                 else f"{site['area_m2']:,.2f} m² ({site['area_m2'] / 10_000:,.4f} ha)"),
                (said("area_gk", meridian=f"{site['gk_central_meridian']:g}"), f"{site['area_gk_m2']:,.2f} m²"),
            ]  # fmt: skip
        elif site["dimension"] == 1:
            rows.append((said("length"), f"{site['length_m']:,.2f} m"))
        rows.append((said("accuracy"), f"{site['accuracy_m']:g} m" if site["accuracy_m"] else said("surveyed")))
        if site["half_width_m"] is not None:
            rows.append((said("half_width"), f"{site['half_width_m']:g} m"))
        rows += [
            (said("crs"), site["crs"]),
            (said("basis"), self.pick(STATUS[self.check["basis"]])),
            (said("certainty"), said(self.check["certainty"])),
        ]
        return tuple(Named(name, (text,)) for name, text in rows)

    def stated(self) -> tuple[Row, ...]:
        """Facts stated: what is asked, and what was said."""
        return tuple(
            (self._question(name), self._value(name, v)) for name, v in self.check["project"]["attributes"].items()
        )

    def assumed(self) -> tuple[Row, ...]:
        """Facts taken for granted because of the industry, with the reason."""
        said = self.check["project"]["assumed"].items()
        return tuple(
            (self._question(name), self._value(name, one["value"]), self.pick(one["reason"])) for name, one in said
        )

    def documents(self) -> tuple[str, ...]:
        """Documents held, each with number, issuer and day."""
        kinds = terms.document_kinds()
        return tuple(
            self.comma.join(
                str(part)
                for part in (
                    self.pick(kinds[one["kind"]].title) if one["kind"] in kinds else one["kind"],
                    one["number"],
                    one["issuer"],
                    one["date"],
                )
                if part
            )
            for one in self.check["project"]["documents"]
        )

    def notices(self) -> tuple[str, ...]:
        """What was noticed or repaired on reading the site."""
        site = self.check["site"]
        repairs = [
            f"{self.pick(one['text'])} ({one['area_before_m2']:,.2f} → {one['area_after_m2']:,.2f} m²)"
            for one in site["repairs"]
        ]
        renamed = self.check["project"]["notice"]
        return (
            *repairs,
            *(self.pick(one["text"]) for one in site["notices"]),
            *([self.pick(renamed)] if renamed else []),
        )

    def parcels(self) -> tuple[Row, ...]:
        """Each parcel with its own size and share of the site."""
        site = self.check["site"]
        key = {2: "area_m2", 1: "length_m"}.get(site["dimension"])
        if key is None:
            return ()
        whole = sum(p.get(key) or 0.0 for p in site["parcels"])
        return tuple(
            (p["number"], self.size(p), share((p.get(key) or 0.0) / whole) if whole else "—") for p in site["parcels"]
        )

    def parts(self) -> tuple[Row, ...]:
        """What is covered, by parcel and county: (feature, parcel, county, chainage, size, share of the parcel)."""
        rows: dict[tuple[Any, ...], Row] = {}
        for one in self.check["findings"]:
            for part in one["parts"]:
                key = (
                    found.feature_name(one, self.screen),
                    part["parcel"],
                    part["county"],
                    part.get("from_m"),
                    part.get("to_m"),
                )
                county = self._counties.get(part["county"], part["county"] or "—")
                chainage = along.stretch(part, self.screen) if "from" in part else "—"
                rows[key] = (key[0], part["parcel"], county, chainage, self.size(part), share(part["share"]))
        return tuple(rows.values())

    def findings(self) -> tuple[Row, ...]:
        """(outcome id, outcome, rule, feature, overlap or distance, margin, legal status, citation) of each finding."""
        return tuple(
            (
                one["outcome"],
                found.outcome(one, self.screen),
                self.pick(one["title"]),
                found.feature_name(one, self.screen),
                found.measure(one, self.screen),
                found.margin(one),
                self.pick(STATUS[one["legal_status"]]),
                found.clause(one, self.screen),
            )
            for one in self.check["findings"]
        )

    def details(self) -> tuple[FindingText, ...]:
        """Each finding in full."""
        return tuple(
            FindingText(n, one["outcome"], f"{n}. {self.pick(one['title'])}", tuple(self._detail(one)))
            for n, one in enumerate(self.check["findings"], 1)
        )

    def _detail(self, one: Data) -> Iterator[Named]:
        said, join = self.said, self.comma.join
        relation = f"{self.pick(terms.relation_title(one['relation']))} {found.feature_name(one, self.screen)}"
        measured = found.measure(one, self.screen).replace("\n", " ")
        texts: list[tuple[str, list[str]]] = [
            ("outcome", [f"{found.outcome(one, self.screen)} [{one['rule']}]"]),
            ("demand", [self.pick(one["demand"])]),
            ("relation", [join([relation, *([measured] if measured != "—" else [])])]),
            ("margin", [found.margin(one)] if found.margin(one) != "—" else []),
            ("blur", [f"{one['accuracy_m']:g} m"] if one["accuracy_m"] else []),
            ("status", [self.pick(STATUS[one["legal_status"]])]),
            ("uncertain_because", self._doubts(one)),
            ("open", [self.pick(one["open"]["text"])] if one["open"] and one["open"]["text"] else []),
            ("stretch", [along.stretch(s, self.screen) for s in one.get("stretches", ())]),
            ("crossed_at", [along.crossing(c, self.screen) for c in one.get("crossed_at", ())]),
            ("needs", [f"{self.pick(n)} ({self.pick(n['issuer'])})" for n in one["needs"]]),
            ("change", [self.pick(text) for text in one["changes_if"]]),
            ("cites", self._cites(one)),
            ("decision", [self.pick(d["label"]) for d in one.get("decisions", ())]),
        ]
        for key, lines in texts:
            if lines:
                yield Named(said(key), tuple(lines))

    def _doubts(self, one: Data) -> list[str]:
        search = [self.pick(one["search"])] if one["search"] else []
        return [*(self.pick(reason["text"]) for reason in one["reasons"]), *search]

    def _cites(self, one: Data) -> list[str]:
        left, right = ("“", "”")
        return [self.pick(c["label"]) + (f" {left}{c['quote']}{right}" if c["quote"] else "") for c in one["cites"]]

    def duties(self) -> tuple[Row, ...]:
        """(demand, feature, citation) of what also applies."""
        return tuple(
            (
                self.pick(one["demand"]),
                found.called(one["feature"], self.screen) if one["feature"] else "—",
                self.comma.join(self.pick(c["label"]) for c in one["cites"]),
            )
            for one in self.check["duties"]
        )

    def clauses(self) -> tuple[ClauseTable, ...]:
        """The access list, a table for each unit met, in the order of level and dimension."""
        return tuple(self._unit(unit) for unit in self.check["clauses"])

    def _unit(self, unit: Data) -> ClauseTable:
        part = unit.get("share_of_site")
        name = self.pick(unit["name"])
        whole = self.said("unit_share", share=share(part)) if part is not None else ""
        rows = []
        for dimension in Dimension:
            for clause in unit["dimensions"][dimension.value]:
                official = clause["legal_status"] != "illustrative"
                mark = "" if official else f"［{self.said('illustrative_clause')}］"
                rows.append(
                    (
                        _LEVELS.index(AccessLevel(clause["level"])),
                        (
                            clause["answer"],
                            self.pick(clause["answer_text"]),
                            self.pick(label(AccessLevel(clause["level"]))),
                            self.pick(label(dimension)),
                            f"{mark}{self.pick(clause['text'])}",
                            self.pick(clause["reason"]),
                            self.pick(clause["source"]["label"]),
                        ),
                    )
                )
        ordered = tuple(row for _, row in sorted(rows, key=lambda one: one[0]))
        heading = self.comma.join(
            part for part in (f"{unit['code']} {name}", self.pick(unit["class_title"]), whole) if part
        )
        return ClauseTable(heading, tuple(self.pick(note) for note in unit["notes"]), ordered)

    def searched(self) -> tuple[Row, ...]:
        """(layer, legal status, version, accuracy, how far, nearest, met) of each layer searched."""
        return tuple(
            (
                self.pick(one["title"]),
                self.pick(STATUS[one["legal_status"]]),
                str(one["release"]),
                f"{one['accuracy_m']:g} m",
                f"{one['reach_m'] / 1000:g} km",
                f"> {math.floor(one['reach_m'] / 100) / 10:g} km" if one["nearest_m"] is None else f"{one['nearest_m']:,.1f} m",
                self._met(one["features"]),
            )
            for one in self.check["searched"]
        )  # fmt: skip

    def _met(self, features: Sequence[Data]) -> str:
        join = "；" if self.said.lang == "zh" else "; "
        return join.join(
            f"{self.pick(terms.relation_title(one['relation']))} {found.called(one, self.screen)}"
            + (f" {self.size(one)}" if one.get("overlap_m2") or one.get("overlap_m") else "")
            + ("" if one.get("in_force", True) else self.pick({"zh": "（该日未生效或已失效）", "en": " (not in force on that day)"}))
            for one in features
        ) or "—"  # fmt: skip

    def not_searched(self) -> tuple[Row, ...]:
        """(layer, why) of each layer in scope that was not searched."""
        return tuple((self.pick(one["title"]), self.pick(one["text"])) for one in self._missed(in_scope=True))

    def left_out(self) -> tuple[str, ...]:
        """The kinds of layers that this deployment leaves out."""
        return tuple(self.pick(one["title"]) for one in self._missed(in_scope=False))

    def _missed(self, *, in_scope: bool) -> list[Data]:
        return [one for one in self.check["not_searched"] if (one["outcome"] != "out_of_scope") == in_scope]

    def open_questions(self) -> tuple[Row, ...]:
        """(item, what each answer leads to) of what may still change the verdict."""
        return tuple((self.pick(one["text"]), self._outcomes(one)) for one in self.check["not_known"])

    def _outcomes(self, one: Data) -> str:
        titles = attributes.declared()[one["what"]].titles if one["kind"] == "attribute" else {}
        ends = []
        for key, end in one["outcomes"].items():
            result = end["verdict"] if isinstance(end, Mapping) else end
            word = self.said(result) if result == "no_effect" else self.pick(terms.verdict_title(result))
            name = titles.get(key)
            answer = self.pick(name) if name else self._answer(key)
            ends.append(f"{answer} → {word}")
        return ("；" if self.said.lang == "zh" else "; ").join(ends)

    def _answer(self, key: str) -> str:
        known = {"true": "yes", "false": "no", "confirmed": "confirmed", "refuted": "refuted", "at_worst": "at_worst"}
        return self.said(known[key]) if key in known else key

    def _question(self, name: str) -> str:
        declared = attributes.declared().get(name)
        return self.pick(declared.question) if declared else name

    def _value(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return self.said("yes" if value else "no")
        declared = attributes.declared().get(name)
        if declared and (title := declared.titles.get(str(value))):
            return self.pick(title)
        if isinstance(value, (int, float)):
            return f"{value:,.10g} {declared.unit or ''}".strip() if declared else f"{value:,.10g}"
        return str(value)

    def route(self) -> tuple[str, tuple[Row, ...]] | None:
        """Of a line: where chainage counts from, and (layer, inside, outside, stretches) of each layer met."""
        route = self.check.get("route")
        if not route:
            return None
        rows = []
        for layer in route["layers"]:
            for one in layer["features"]:
                stretches = [along.stretch(s, self.screen) for s in one["stretches"]] or [
                    along.crossing(c, self.screen) for c in one["crossings"]
                ]
                rows.append(
                    (
                        self.pick(layer["title"]),
                        found.called(one, self.screen),
                        f"{one['length_m']:,.2f} m",
                        self.comma.join(stretches),
                    )
                )
        return self.pick(route["counted_from"]), tuple(rows)

    def unanswered(self) -> tuple[str, ...]:
        """What this report does not answer."""
        check, said = self.check, self.said
        texts = [said("unanswered_permit")]
        if check["demonstration"]:
            texts.append(said("unanswered_demonstration"))
        if missed := self._missed(in_scope=True):
            layers = self.comma.join(f"{self.pick(one['title'])}（{self.pick(one['text'])}）" if said.lang == "zh"
                                     else f"{self.pick(one['title'])} ({self.pick(one['text'])})" for one in missed)  # fmt: skip
            texts.append(said("unanswered_layers", layers=layers))
        if left := self.left_out():
            rules = check["rules_not_in_scope"]["count"]
            texts.append(said("unanswered_scope", n=len(left), rules=rules, layers=self.comma.join(left)))
        texts += [said("unanswered_known", text=self.pick(one["text"])) for one in check["not_known"]]
        texts += [
            said("unanswered_open", rule=self.pick(one["title"]), text=self.pick(one["open"]["text"]))
            for one in check["findings"]
            if one["open"] and one["open"]["text"] and one["open"]["what"] == "substance"
        ]
        texts += self._unanswered_clauses()
        if check["project"]["documents"]:
            texts.append(said("unanswered_documents"))
        texts += [said("unanswered_facts"), said("unanswered_project")]
        texts.append(said("unanswered_after", as_of=check["as_of"], release=check["release"]))
        return tuple(dict.fromkeys(texts))

    def _unanswered_clauses(self) -> list[str]:
        answers = [c for unit in self.check["clauses"] for d in Dimension for c in unit["dimensions"][d.value]]
        texts = []
        own = [c for c in answers if c["level"] == AccessLevel.UNIT.value and c["legal_status"] != "illustrative"]
        if not own:
            texts.append(self.said("unanswered_clauses_none"))
        open_ = {c["clause"] for c in answers if c["answer"] == ClauseAnswer.TO_VERIFY.value}
        if open_:
            texts.append(self.said("unanswered_clauses", n=len(open_)))
        return texts

    def layer_versions(self) -> str:
        """Each layer searched with the release that last changed it."""
        return self.comma.join(f"{one['layer']} {one['release']}" for one in self.check["searched"])
