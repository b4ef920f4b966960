"""What the columns of an access-list spreadsheet are called, in both families of field names; it reads no row.

Names are compared without spaces, line ends, byte-order marks and full-width forms, which real files carry. `AREA` is the county.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from layers.text import narrow
from zoning.terms import Dimension, UnitClass

_NAMES: Final = {
    "code": "HJGKDYBM HJZHGKDYBM 环境管控单元编码 环境管控单元代码 管控单元编码 单元编码 编码",
    "name": "HJGKDYMC HJZHGKDYMC 环境管控单元名称 管控单元名称 单元名称",
    "province": "PROV PROVINCE 省 省份 省(区、市)",
    "city": "CITY 市 地市 设区市 市(州)",
    "county": "COUNTY AREA 县 区县 县区 区/县 县(市、区) 县(区)",
    "class": "ZHGKDYFL HJGKDYFL 环境管控单元分类 管控单元分类 管控单元类别 单元分类 单元类别 分类",
    Dimension.SPACE.value: "KJBJYS 空间布局约束",
    Dimension.POLLUTION.value: "PWWPFGK WRWPFGK 污染物排放管控",
    Dimension.RISK.value: "HJFXFK 环境风险防控",
    Dimension.RESOURCES.value: "ZYKFXLYQ ZYKFXL ZYLYXL 资源利用效率 资源开发效率 资源开发利用效率",
    "remark": "REMARK REMARKS 备注",
    "number": "XH 序号 OBJECTID FID",
}
FIELDS: Final = {name.casefold(): field for field, names in _NAMES.items() for name in names.split()}
"""Field by column name, folded."""
_DROPPED: Final = re.compile(r"[\s\ufeff\u200b\u3000]+")
_CLASSES: Final = {
    **{kind.digit: kind for kind in UnitClass},
    "优先": UnitClass.PRIORITY,
    "重点": UnitClass.KEY,
    "一般": UnitClass.GENERAL,
}
_CLASS_TAIL: Final = re.compile(r"(保护|管控)?(单元|区)?")


def tight(text: str) -> str:
    """Text without spaces, line ends and marks, in ASCII forms.

    >>> tight("\\ufeff ＺＨ 140825\\n10001　")
    'ZH14082510001'
    """
    return _DROPPED.sub("", narrow(text))


def field_of(header: str) -> str | None:
    """The field a column name stands for, or None.

    >>> field_of("空间布局约束\\n"), field_of(" ａｒｅａ "), field_of("资源开发效率要求")
    ('space', 'county', 'resources')
    """
    name = tight(header).casefold()
    return FIELDS.get(name) or FIELDS.get(name.removesuffix("要求"))


def fields_of(row: Mapping[str, str]) -> dict[str, str]:
    """Column by field for a row of column names; the first column of a field counts."""
    found: dict[str, str] = {}
    for column, text in row.items():
        if (field := field_of(text)) is not None:
            found.setdefault(field, column)
    return found


def class_of(text: str) -> UnitClass | None:
    """A class as a digit or a word, or None when it is neither.

    >>> class_of("2"), class_of("优先保护单元").value, class_of("4")
    (<UnitClass.KEY: 'key'>, 'priority', None)
    """
    word = tight(text)
    kind = _CLASSES.get(word[:2]) or _CLASSES.get(word)
    return kind if kind is not None and (word == kind.digit or _CLASS_TAIL.fullmatch(word[2:])) else None
