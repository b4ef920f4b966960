"""Conditions said in words, for people who read rules and do not write code; it decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zoning import attributes, industry, terms
from zoning.bilingual import Bilingual

_COMPARED: Final[Mapping[str, Bilingual]] = {
    "is": Bilingual("为{value}", "is {value}"),
    "not": Bilingual("不为{value}", "is not {value}"),
    "one_of": Bilingual("为{value}", "is {value}"),
    "over": Bilingual("大于 {value}", "is over {value}"),
    "at_most": Bilingual("不大于 {value}", "is at most {value}"),
    "under": Bilingual("小于 {value}", "is under {value}"),
}
_YES: Final = Bilingual("是", "yes")
_NO: Final = Bilingual("否", "no")


def spoken(condition: Mapping[str, Any]) -> Bilingual:
    """A condition as one phrase in both languages.

    >>> spoken({"all": [{"activity": ["new"]}, {"not": {"industry": ["coking"]}}]}).en
    'new; and not (coking)'
    """
    for name, zh, en in (("all", "，且", "; and "), ("any", "，或", "; or ")):
        if name in condition:
            parts = [spoken(part) for part in condition[name]]
            wrapped = [_bracketed(p) if _compound(c) else p for p, c in zip(parts, condition[name], strict=True)]
            return Bilingual(zh.join(p.zh for p in wrapped), en.join(p.en for p in wrapped))
    if "not" in condition and "attribute" not in condition:
        inner = spoken(condition["not"])
        return Bilingual(f"除非（{inner.zh}）", f"not ({inner.en})")
    if "activity" in condition:
        return _either([terms.activity_title(a) for a in condition["activity"]])
    if "industry" in condition:
        return _either([industry.groups()[group].title for group in condition["industry"]])
    return _comparison(condition)


def _compound(condition: Mapping[str, Any]) -> bool:
    return any(key in condition for key in ("all", "any"))


def _bracketed(text: Bilingual) -> Bilingual:
    return Bilingual(f"（{text.zh}）", f"({text.en})")


def _either(titles: list[Bilingual]) -> Bilingual:
    return Bilingual("、".join(t.zh for t in titles), " or ".join(t.en for t in titles))


def _comparison(condition: Mapping[str, Any]) -> Bilingual:
    name = condition["attribute"]
    operator = next(key for key in condition if key != "attribute")
    declared = attributes.declared()[name]
    wanted = condition[operator]
    said = _either([_value(declared, one) for one in (wanted if isinstance(wanted, list) else [wanted])])
    compared = _COMPARED[operator].format(value=said)
    return Bilingual(f"{name} {compared.zh}", f"{name} {compared.en}")


def _value(declared: attributes.Attribute, value: Any) -> Bilingual:
    if isinstance(value, bool):
        return _YES if value else _NO
    if value in declared.titles:
        return declared.titles[value]
    unit = f" {declared.unit}" if declared.unit else ""
    return (
        Bilingual(f"{value:g}{unit}", f"{value:g}{unit}")
        if isinstance(value, (int, float))
        else Bilingual(value, value)
    )
