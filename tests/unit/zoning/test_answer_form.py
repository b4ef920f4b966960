"""What programs read of an answer keeps its names, its units and its rounding; each piece is shown whole."""

from __future__ import annotations

import datetime as dt

import shapely

from tests.unit.zoning.scenes import feature
from tests.unit.zoning.test_check import RULES, SITE, project, run, world
from zoning.answer import document
from zoning.attributes import declared
from zoning.bilingual import Bilingual
from zoning.finding import REASONS, Contribution, Finding, Part
from zoning.owner_decision import Instrument, OwnerDecision
from zoning.questions import beyond_the_counties
from zoning.rule import Cite, Period, Source

NOTICE = Instrument(
    "notice", Bilingual("继续执行", "It continues"), Bilingual("县政府", "The county"), "1号", dt.date(2026, 2, 20)
)
NOTICE_WRITTEN = {
    "kind": "notice",
    "kind_title": {"zh": "通知", "en": "notice"},
    "title": {"zh": "继续执行", "en": "It continues"},
    "issuer": {"zh": "县政府", "en": "The county"},
    "number": "1号",
    "date": "2026-02-20",
}
PLAN = Source(
    id="a-plan",
    title=Bilingual("某规划", "A plan"),
    number=None,
    issuer=Bilingual("县政府", "The county"),
    status="planning",
    in_force=Period(None, None),
    file=None,
)


def test_the_document_behind_a_decision_is_written_whole() -> None:
    assert NOTICE.as_dict() == NOTICE_WRITTEN
    assert NOTICE.label() == Bilingual(
        "县政府《继续执行》（1号，2026-02-20）", "It continues (The county, 1号, 2026-02-20)"
    )


def test_a_decision_is_written_with_its_day_its_metres_and_its_note() -> None:
    since = dt.date(2026, 3, 1)
    distance = OwnerDecision("r", "parameter", since, NOTICE, 500.0, Bilingual("注", "note"))
    assert distance.as_dict() == {
        "decision": "parameter",
        "from": "2026-03-01",
        "parameters": {"within_m": 500.0},
        "document": NOTICE_WRITTEN,
        "note": {"zh": "注", "en": "note"},
        "label": {
            "zh": "自 2026-03-01 起距离定为 500 米：县政府《继续执行》（1号，2026-02-20）",
            "en": "since 2026-03-01 its distance is 500 m: It continues (The county, 1号, 2026-02-20)",
        },
    }
    bare = OwnerDecision("r", "continued", since, NOTICE).as_dict()
    assert (bare["parameters"], bare["note"]) == ({}, None)


def test_a_citation_says_line_article_or_that_it_is_to_be_added() -> None:
    assert Cite(PLAN, "L239", "严禁").as_dict() == {
        "source": "a-plan",
        "at": "L239",
        "quote": "严禁",
        "open": False,
        "label": {"zh": "《某规划》第239行", "en": "A plan, line 239"},
    }
    assert Cite(PLAN, "12", None).label() == Bilingual("《某规划》第12条", "A plan, art. 12")
    to_be_added = Bilingual("《某规划》条款号待补", "A plan, article number to be added")
    assert Cite(PLAN, "12", None, open=True).label() == Cite(PLAN, None, None).label() == to_be_added


def test_a_part_carries_only_what_was_measured_and_always_its_county() -> None:
    area = Part("1", None, 0.12345678, area_m2=1234.567)
    assert area.as_dict() == {"parcel": "1", "county": None, "area_m2": 1234.57, "share": 0.123457}
    stretch = Part("2", "140824", 1.0, length_m=10.004, from_m=1200.006, to_m=1210.01, line_part=1)
    assert stretch.as_dict() == {
        "parcel": "2",
        "county": "140824",
        "length_m": 10.0,
        "from_m": 1200.01,
        "to_m": 1210.01,
        "share": 1.0,
        "part": 1,
        "from": "K1+200.01",
        "to": "K1+210.01",
    }


def test_a_finding_is_written_whole_and_rounded_to_what_was_measured() -> None:
    rule = next(r for r in RULES.rules if r.id == "jishan-239-fen-1km")
    line = shapely.LineString([(110.98, 35.6), (110.99, 35.6)])
    met = feature("river", "R-FEN", line, name="汾河", class_="main", properties={"name_en": "Fen"}, accuracy_m=2000.0)
    found = Finding(
        rule=rule,
        contribution=Contribution("unknown", "prohibited", ("accuracy", "attribute"), frozenset({"b", "a"}), True),
        layer="river",
        feature=met,
        relation="within_distance",
        margin_m=12.3456,
        cites=(Cite(PLAN, "L239", "严禁"),),
        legal_status="reference",
        search=Bilingual("已查", "searched"),
        margin_beyond_m=8000.004,
        blur_m=2500.004,
        parts=(Part("1", None, 1.0),),
        overlap_dimension=1,
        overlap_size=77.777,
        share_of_site=0.12345678,
        share_of_feature=0.87654321,
        distance_m=987.654,
        crossings=((110.98, 35.6),),
        alongside={"stretches": [{"from_m": 0.0}], "crossed_at": [{"at_m": 1.0}]},
        geometry=line,
        needs=({"zh": "许可", "en": "a permit"},),
        changes_if=(Bilingual("再测", "measure again"),),
    )
    assert found.as_dict() == {
        "rule": "jishan-239-fen-1km",
        "title": rule.title.as_dict(),
        "demand": rule.demand.as_dict(),
        "effect": "prohibit",
        "outcome": "unknown",
        "at_worst": "prohibited",
        "layer": "river",
        "feature": {
            "code": "R-FEN",
            "name": "汾河",
            "name_en": "Fen",
            "class": "main",
            "accuracy_m": 2000.0,
            "legal_status": "statutory",
        },
        "relation": "within_distance",
        "certainty": "uncertain",
        "reasons": [{"reason": r, "text": REASONS[r].as_dict()} for r in ("accuracy", "attribute")],  # type: ignore[index]
        "search": {"zh": "已查", "en": "searched"},
        "missing": ["a", "b"],
        "margin_m": 12.35,
        "margin_beyond_m": 8000.0,
        "accuracy_m": 2500.0,
        "parts": [{"parcel": "1", "county": None, "share": 1.0}],
        "overlap_m2": None,
        "overlap_m": 77.78,
        "share_of_site": 0.123457,
        "share_of_feature": 0.876543,
        "distance_m": 987.65,
        "crossings": [[110.98, 35.6]],
        "stretches": [{"from_m": 0.0}],
        "crossed_at": [{"at_m": 1.0}],
        "geometry": {"type": "LineString", "coordinates": [[110.98, 35.6], [110.99, 35.6]]},
        "needs": [{"zh": "许可", "en": "a permit"}],
        "documents_named": True,
        "changes_if": [{"zh": "再测", "en": "measure again"}],
        "legal_status": "reference",
        "cites": [Cite(PLAN, "L239", "严禁").as_dict()],
        "decisions": [],
        "open": None,
    }
    bare = Finding(rule, Contribution("prohibited", "prohibited"), None, None, "inside", None, (), "planning")
    said = bare.as_dict()
    assert said["certainty"] == "certain"
    empty = ("feature", "search", "margin_m", "overlap_m2", "overlap_m", "share_of_site", "distance_m", "geometry")
    assert [said[key] for key in empty] == [None] * len(empty)
    assert said["stretches"] == said["crossed_at"] == []


def test_an_overlap_of_areas_is_in_square_metres_and_a_shape_is_written_once() -> None:
    over = feature("redline", "RL-1", shapely.box(110.98, 35.6, 110.99, 35.61))
    rule = RULES.rules[0]
    shape = shapely.box(110.98, 35.6, 110.985, 35.605)
    found = Finding(
        rule, Contribution("clear", "clear"), "redline", over, "overlap", None, (), "statutory",
        overlap_dimension=2, overlap_size=12.341, geometry=shape,
    )  # fmt: skip
    shapes: dict[int, dict[str, object]] = {}
    first, again = found.as_dict(shapes), found.as_dict(shapes)
    assert (first["overlap_m2"], first["overlap_m"]) == (12.34, None)
    assert first["geometry"] is again["geometry"]
    assert list(shapes) == [id(shape)]


def test_what_an_answer_holds_beside_its_findings() -> None:
    said = document(run(SITE, project(), world()))
    assert set(said) == {
        "id", "number", "verdict", "at_worst", "basis", "demonstration", "certainty", "sentence", "lines", "release",
        "release_date", "rules_hash", "engine", "as_of", "project", "site", "route", "findings", "duties", "clauses",
        "searched", "not_searched", "not_known", "eia_hint", "rules_considered", "rules_not_in_scope",
    }  # fmt: skip
    assert [s["features"] for s in said["searched"] if s["layer"] == "control_unit"] == [
        [
            {
                "code": "ZH14082439001",
                "name": "ZH14082439001",
                "name_en": None,
                "class": "3",
                "relation": "inside",
                "overlap_m2": 999999.95,
                "share_of_site": 1.0,
            }
        ]
    ]


def test_a_question_still_open_names_its_unit_and_what_either_answer_brings() -> None:
    (asked,) = document(run(SITE, project("C2521", "expand"), world()))["not_known"]
    assert asked == {
        "what": "net_new_capacity",
        "kind": "attribute",
        "text": declared()["net_new_capacity"].question.as_dict(),
        "unit": "t/a",
        "outcomes": {
            "<= 0": {"verdict": "attention", "at_worst": "attention"},
            "> 0": {"verdict": "prohibited", "at_worst": "prohibited"},
        },
    }


def test_a_layer_not_held_is_an_open_point_with_what_it_may_bring() -> None:
    held = document(run(SITE, project(), world(redline=None)))["not_known"]
    (missing,) = [item for item in held if item["what"] == "redline"]
    assert missing["what"] == "redline"
    assert missing["kind"] == "not_searched"
    assert missing["outcomes"] == {"confirmed": "prohibited", "refuted": "no_effect"}


def test_ground_in_no_county_is_said_in_hectares_metres_or_points() -> None:
    assert beyond_the_counties(0.0, 2) == []
    (area,) = beyond_the_counties(12_345.0, 2)
    assert (area["what"], area["kind"], area["outcomes"]) == ("county", "outside", {"at_worst": "prohibited"})
    said = [beyond_the_counties(size, d)[0]["text"] for size, d in ((12_345.0, 2), (700.4, 1), (2.0, 0))]
    assert [text["zh"].split("选址有 ")[1].split(" 在")[0] for text in said] == ["1.23 公顷", "700 米", "2 个点"]
    assert [text["en"].split(" of the site")[0] for text in said] == ["1.23 ha", "700 m", "2 points"]
