"""Terms: every one has words in both languages, and they are the terms that the check uses."""

from __future__ import annotations

from typing import get_args

import pytest

from layers.catalogue import read_catalogue
from zoning import terms
from zoning.decision import ACTIVITIES, SEVERITY, STATUS_STRENGTH
from zoning.errors import BadProject
from zoning.evidence import LegalStatus
from zoning.relation import Kind
from zoning.rule import Effect
from zoning.rulebook import rulebook


@pytest.mark.parametrize("name", terms.TERMS)
def test_every_term_has_words_in_both_languages_and_no_word_lacks_a_term(name):
    kind = terms.TERMS[name]
    assert list(terms.packaged()[name]) == [term.value for term in kind]
    words = [terms.label(term) for term in kind]
    assert all(word.zh.strip() and word.en.strip() for word in words)
    assert len({word.zh for word in words}) == len({word.en for word in words}) == len(words)


def test_no_set_of_terms_is_left_undeclared():
    assert set(terms.packaged()) == {*terms.TERMS, "activity_words", "document_kinds"}


def test_terms_are_those_that_decide():
    assert tuple(terms.Activity) == ACTIVITIES
    assert tuple(reversed(terms.Verdict)) == SEVERITY
    assert tuple(reversed(terms.LegalStatus)) == STATUS_STRENGTH
    assert tuple(terms.LegalStatus) == get_args(LegalStatus)
    assert set(terms.Effect) == set(get_args(Effect))
    assert set(terms.Relation) == {*get_args(Kind), "within_distance", "jurisdiction", "not_searched"}


def test_each_verdict_has_its_own_sign():
    assert [verdict.sign for verdict in terms.Verdict] == ["⛔", "▲", "?", "!", "○"]


def test_every_checked_layer_of_the_catalogue_and_of_the_scope_is_of_a_known_kind():
    scope = rulebook().scope
    checked = {layer.kind for layer in read_catalogue().layers if layer.checked}
    assert checked | set(scope.kinds) | set(scope.left_out) == set(terms.LayerKind)


def test_no_rule_may_name_a_layer_that_is_not_checked():
    assert not {layer.kind for layer in read_catalogue().layers if not layer.checked} & set(terms.LayerKind)


def test_a_layer_kind_without_a_title_is_called_by_its_id():
    assert terms.layer_kind_title("glacier").as_dict() == {"zh": "glacier", "en": "glacier"}
    assert terms.layer_kind_title("river").zh == "河流"


@pytest.mark.parametrize(
    ("title", "term", "zh"),
    [
        (terms.verdict_title, "unknown", "不能判断"),
        (terms.effect_title, "phase_out", "退出"),
        (terms.relation_title, "touch", "贴边"),
        (terms.activity_title, "expand", "扩建"),
        (terms.legal_status_title, "illustrative", "示意"),
    ],
)
def test_titles_by_id(title, term, zh):
    assert title(term).zh == zh


@pytest.mark.parametrize(
    ("text", "activity"),
    [("new", "new"), (" Expand ", "expand"), ("改建", "rebuild"), ("技改", "retrofit"), ("矿山修复", "restore")],
)
def test_an_activity_is_named_by_id_or_by_its_word(text, activity):
    assert terms.activity(text) == activity


def test_no_word_names_two_activities():
    assert set(terms.packaged()["activity_words"]) <= set(terms.Activity)
    words = [w.lower() for a in terms.Activity for w in (a.value, terms.label(a).zh, terms.label(a).en)]
    words += [word for also in terms.packaged()["activity_words"].values() for word in also]
    repeated = {w for w in words if words.count(w) > 1}
    assert repeated <= {a.value for a in terms.Activity}  # an English title may be the id itself


def test_an_unknown_activity_names_all_that_there_are_in_both_languages():
    with pytest.raises(BadProject) as caught:
        terms.activity("demolish")
    error = caught.value
    assert (error.type, error.where) == ("activity-unknown", {"field": "activity", "value": "demolish"})
    for one in terms.Activity:
        assert one.value in error.text("zh")
        assert terms.label(one).zh in error.text("zh")
        assert one.value in error.text("en")


def test_every_document_has_an_issuer_and_every_one_that_rules_need_is_declared():
    kinds = terms.document_kinds()
    assert all(k.title.zh and k.title.en and k.issuer.zh and k.issuer.en for k in kinds.values())
    assert {need for rule in rulebook().rules for need in rule.needs} <= set(kinds)
    assert kinds["red_line_recognition"].as_dict() == {
        "kind": "red_line_recognition",
        "zh": "符合生态保护红线内允许有限人为活动的认定意见",
        "en": "recognition as a limited human activity inside the red line",
        "issuer": {"zh": "省级人民政府", "en": "provincial government"},
    }
