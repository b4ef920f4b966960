"""Run by the system's Python, which has QGIS: opens the running service with QGIS's own providers and prints what it finds.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 tests/clients/qgis_reads.py http://127.0.0.1:8000 layer…

One JSON object: by layer its count, codes, extent and CRS as the OGC API provider reads them, and what the vector-tile layer
draws. It judges nothing.
"""

from __future__ import annotations

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDataSourceUri,
    QgsFeatureRequest,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileBasicRenderer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QSize
from qgis.PyQt.QtGui import QColor

BOX = QgsRectangle(111.2, 35.3, 112.1, 36.2)


def features(base: str, layer: str, page: int) -> dict:
    uri = QgsDataSourceUri()
    uri.setParam("url", base + "/")
    uri.setParam("typename", layer)
    uri.setParam("pagingEnabled", "true")
    uri.setParam("pageSize", str(page))
    opened = QgsVectorLayer(uri.uri(False), layer, "OAPIF")
    if not opened.isValid():
        return {"error": opened.dataProvider().error().message() if opened.dataProvider() else "no provider"}
    codes = sorted(feature["code"] for feature in opened.getFeatures())
    inside = sorted(feature["code"] for feature in opened.getFeatures(QgsFeatureRequest().setFilterRect(BOX)))
    extent = opened.extent()
    return {
        "codes": codes,
        "inside": inside,
        "count": opened.featureCount(),
        "crs": opened.crs().authid(),
        "fields": {field.name(): field.typeName() for field in opened.fields()},
        "extent": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
    }


def tiles(base: str, layer: str) -> dict:
    """How many pixels QGIS colours when it draws the layer's vector tiles over the province."""
    address = f"{base}/tiles/{layer}/WebMercatorQuad/{{z}}/{{x}}/{{y}}.mvt"
    opened = QgsVectorTileLayer(f"type=xyz&url={address}&zmin=7&zmax=14", layer)
    if not opened.isValid():
        return {"error": opened.error().message()}
    renderer = QgsVectorTileBasicRenderer()
    colour = QColor("darkgreen")
    renderer.setStyles(QgsVectorTileBasicRenderer.simpleStyle(colour, colour, 0.5, colour, 0.8, colour, colour, 1.0))
    opened.setRenderer(renderer)
    settings = QgsMapSettings()
    settings.setLayers([opened])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(12_250_000, 4_080_000, 12_760_000, 4_980_000))
    settings.setOutputSize(QSize(900, 1500))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec_()
    image = job.renderedImage()
    image = image.scaled(300, 500)  # counting is slow
    white = QColor("white").rgb()
    coloured = sum(image.pixel(x, y) != white for x in range(image.width()) for y in range(image.height()))
    return {"coloured": coloured, "of": image.width() * image.height()}


def main() -> None:
    base, *layers = sys.argv[1:]
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    found = {}
    for layer in layers:
        found[layer] = {"features": features(base, layer, 50), "tiles": tiles(base, layer)}
    print(json.dumps(found))
    application.exitQgis()


if __name__ == "__main__":
    main()
