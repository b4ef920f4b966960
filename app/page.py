"""The two HTML pages as text: the landing page and the reference made from an OpenAPI document. No script, nothing from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any, Final

from app import problem_types
from zoning.bilingual import Bilingual, Lang

_POSITION: Final = re.compile(r"\[\s+(-?[\d.]+),\s+(-?[\d.]+)\s+\]")
_TITLE: Final = Bilingual("山河 Shanhe", "Shanhe 山河")
_LEAD: Final = Bilingual(
    "这个项目能否建在这里？用有版本的空间图层和有出处的规则核查选址；结论带测量值，并说明不知道什么。",
    "May this project be built here? A site is checked against versioned layers with cited rules; the answer is measured and says "
    "what it does not know.",
)
_NOTICE: Final = Bilingual(
    "核查结果不是行政许可，以主管部门认定为准。", "An answer is not a permit; the competent authority decides."
)
_WORDS: Final[Mapping[str, Bilingual]] = {
    "contents": Bilingual("目录", "Contents"),
    "parameter": Bilingual("参数", "parameter"),
    "in": Bilingual("位置", "in"),
    "meaning": Bilingual("含义", "meaning"),
    "required": Bilingual("必填", "required"),
    "body": Bilingual("请求内容", "Request body"),
    "example": Bilingual("示例", "Example"),
    "try": Bilingual("试一试", "Try it"),
    "errors": Bilingual("可能的错误状态", "Error statuses"),
    "problems": Bilingual("问题类型", "Problem types"),
    "problems_lead": Bilingual(
        "错误按 RFC 9457 返回 application/problem+json；type 为 urn:shanhe:problem:<类型>。出现错误时不保存任何内容。",
        "Errors are RFC 9457 application/problem+json; the type is urn:shanhe:problem:<type>. Nothing is stored when one comes.",
    ),
    "when": Bilingual("何时出现", "when"),
    "do": Bilingual("怎么办", "what to do"),
    "reference": Bilingual("接口说明", "HTTP reference"),
    "other": Bilingual("English", "中文"),
    "language": Bilingual(
        "语言按 Accept-Language 选择；JSON 键为英文，文字中英并列。",
        "Texts follow Accept-Language; JSON keys are English and carry both languages.",
    ),
}
_LINKS: Final[Mapping[str, Bilingual]] = {
    "/viewer": Bilingual("地图", "map"),
    "/docs": Bilingual("接口说明", "HTTP reference"),
    "/openapi.json": Bilingual("OpenAPI 文档", "OpenAPI document"),
    "/collections": Bilingual("图层与要素（OGC API）", "layers and features (OGC API)"),
    "/layers": Bilingual("所持图层", "layers held"),
    "/rules": Bilingual("规则与出处", "rules and citations"),
    "/places?q=漳沱河": Bilingual("查地点", "search places"),
    "/industries?q=炼焦": Bilingual("查行业代码", "search industries"),
    "/attributes": Bilingual("项目资料项", "facts a project may state"),
    "/readyz": Bilingual("是否可以服务", "readiness"),
    "/healthz": Bilingual("进程是否存活", "liveness"),
}


def _said(key: str, lang: Lang) -> str:
    return escape(_WORDS[key].get(lang))


def frame(title: str, switch: str, content: str, nonce: str, lang: Lang) -> str:
    """A whole page around its content. `switch` is its address in the other language."""
    css = (files("app") / "page.css").read_text(encoding="utf-8")
    other = "en" if lang == "zh" else "zh"
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<style nonce="{nonce}">\n{css}</style>\n</head>\n<body>\n'
        f'<header><a class="name" href="/viewer?lang={lang}">山河 <span>Shanhe</span></a>'
        f'<a class="switch" lang="{other}" href="{escape(switch)}">{_said("other", lang)}</a></header>\n'
        f"<main>\n{content}\n</main>\n<footer>{escape(_NOTICE.get(lang))}</footer>\n</body>\n</html>\n"
    )


def _switch(path: str, lang: Lang) -> str:
    return f"{path}?lang={'en' if lang == 'zh' else 'zh'}"


def landing(links: Sequence[str], nonce: str, lang: Lang) -> str:
    """The list of addresses at `/?f=html`."""
    items = "\n".join(
        f'<li><a href="{escape(link)}"><code>{escape(link)}</code></a> <span>{escape(_LINKS[link].get(lang))}</span></li>'
        for link in links
    )
    content = f'<h1>{escape(_TITLE.get(lang))}</h1>\n<p class="lead">{escape(_LEAD.get(lang))}</p>\n<ul class="links">\n{items}\n</ul>'
    return frame(_TITLE.get(lang), f"/?f=html&lang={'en' if lang == 'zh' else 'zh'}", content, nonce, lang)


def reference(document: Mapping[str, Any], base: str, nonce: str, lang: Lang) -> str:
    """The page at `/docs`: every operation with its parameters, example and curl line, then the problem types."""
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    heading = f"{_TITLE.get(lang)} · {_WORDS['reference'].get(lang)}"
    contents = "\n".join(
        f'<li><a href="#{_anchor(m, p)}"><b class="{m.lower()}">{m}</b> <code>{escape(p)}</code> '
        f"<span>{escape(_summary(o, lang))}</span></a></li>"
        for m, p, o in operations
    )
    sections = "\n".join(_operation(m, p, o, base, lang) for m, p, o in operations)
    content = (
        f"<h1>{escape(heading)} <small>{escape(document['info']['version'])}</small></h1>\n"
        f'<p class="lead">{escape(_LEAD.get(lang))}</p>\n<p>{_said("language", lang)} '
        f'<a href="/openapi.json"><code>/openapi.json</code></a></p>\n'
        f'<nav aria-label="{_said("contents", lang)}"><ul>\n{contents}\n'
        f'<li><a href="#problems">{_said("problems", lang)}</a></li>\n</ul></nav>\n{sections}\n{_problems(lang)}'
    )
    return frame(heading, _switch("/docs", lang), content, nonce, lang)


def _anchor(method: str, path: str) -> str:
    return f"{method}{path}".lower().replace("/", "-").replace("{", "").replace("}", "")


def _summary(operation: Mapping[str, Any], lang: Lang) -> str:
    return str(operation["x-summary-zh"] if lang == "zh" else operation["summary"])


def _operation(method: str, path: str, operation: Mapping[str, Any], base: str, lang: Lang) -> str:
    said = operation["x-description-zh"] if lang == "zh" else operation["description"]
    parts = [
        f'<section id="{_anchor(method, path)}">',
        f'<h2><b class="{method.lower()}">{method}</b> <code>{escape(path)}</code></h2>',
        f"<p><strong>{escape(_summary(operation, lang))}</strong> {escape(str(said))}</p>",
    ]
    if rows := "".join(_parameter(one, lang) for one in operation.get("parameters", ())):
        head = "".join(f"<th>{_said(key, lang)}</th>" for key in ("parameter", "in", "meaning"))
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    content = operation.get("requestBody", {}).get("content", {})
    parts += _bodies(content, lang)
    parts.append(
        f"<h3>{_said('try', lang)}</h3><pre><code>{escape(_curl(method, path, operation, content, base))}</code></pre>"
    )
    errors = [status for status in operation.get("responses", {}) if str(status) >= "4"]
    if errors:
        parts.append(f'<p class="errors">{_said("errors", lang)}: {", ".join(map(str, errors))}</p>')
    return "\n".join([*parts, "</section>"])


def _parameter(one: Mapping[str, Any], lang: Lang) -> str:
    schema = one.get("schema", {})
    said = _described(schema, lang) or one.get("description", "")
    kind = schema.get("type") or "/".join(s.get("type", "") for s in schema.get("anyOf", ()) if s.get("type") != "null")
    needed = f" <em>{_said('required', lang)}</em>" if one.get("required") else ""
    return (
        f"<tr><td><code>{escape(one['name'])}</code>{needed}</td><td>{escape(one['in'])}</td>"
        f"<td>{escape(said)} <span>{escape(str(kind))}</span></td></tr>"
    )


def _bodies(content: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    for media_type, entry in content.items():
        schema = entry["schema"]
        yield f"<h3>{_said('body', lang)} <code>{escape(media_type)}</code></h3>"
        if rows := "".join(_properties(schema, lang)):
            head = f"<th>{_said('parameter', lang)}</th><th>{_said('meaning', lang)}</th>"
            yield f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        for example in schema.get("examples", ()):
            text = _POSITION.sub(r"[\1, \2]", json.dumps(example, ensure_ascii=False, indent=2))
            yield f"<details><summary>{_said('example', lang)}</summary><pre><code>{escape(text)}</code></pre></details>"


def _described(schema: Mapping[str, Any], lang: Lang) -> str:
    english = str(schema.get("description", ""))
    return str(schema.get("x-zh", english)) if lang == "zh" else english


def _properties(schema: Mapping[str, Any], lang: Lang, prefix: str = "") -> Iterator[str]:
    """The fields of a body, those of inner objects beneath them."""
    needed = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        mark = " *" if name in needed else ""
        said = _described(one, lang)
        yield f"<tr><td><code>{escape(prefix + name)}</code>{mark}</td><td>{escape(said)}</td></tr>"
        inner = one.get("items", one)
        yield from _properties(inner, lang, f"{prefix}{name}{'[]' if 'items' in one else ''}.")


def _curl(method: str, path: str, operation: Mapping[str, Any], content: Mapping[str, Any], base: str) -> str:
    if said := operation.get("x-curl"):
        return str(said).replace("{base}", base)
    needed = {
        one["name"]: (one.get("schema", {}).get("examples") or one.get("examples") or [one["name"].upper()])[0]
        for one in operation.get("parameters", ())
        if one.get("required")
    }
    for name, value in needed.items():
        path = path.replace(f"{{{name}}}", str(value))
    query = [
        name
        for one in operation.get("parameters", ())
        if one.get("required") and (name := one["name"]) and one["in"] == "query"
    ]
    if query:
        return "curl -G " + " ".join(f"--data-urlencode '{name}={needed[name]}'" for name in query) + f" {base}{path}"
    if content:
        media_type, entry = next(iter(content.items()))
        example = json.dumps(entry["schema"]["examples"][0], ensure_ascii=False)
        return f"curl -H 'Content-Type: {media_type}' -d '{example}' {base}{path}"
    return f"curl {'' if method == 'GET' else f'-X {method} '}{base}{path}"


def _problems(lang: Lang) -> str:
    parts = [f'<section id="problems"><h2>{_said("problems", lang)}</h2><p>{_said("problems_lead", lang)}</p>']
    for id, heading in problem_types.groups().items():
        rows = "".join(
            f'<tr id="problem-{one.id}"><td><code>{one.id}</code></td><td>{escape(one.title.get(lang))}</td>'
            f"<td>{escape(one.remedy.get(lang))}</td></tr>"
            for one in problem_types.declared().values()
            if one.group == id
        )
        head = f"<th>type</th><th>{_said('when', lang)}</th><th>{_said('do', lang)}</th>"
        parts.append(
            f'<h3>{escape(heading.get(lang))}</h3><table class="problems"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        )
    return "\n".join([*parts, "</section>"])
