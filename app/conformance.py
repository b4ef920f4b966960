"""The OGC conformance classes that the service declares: only those that tests prove, each beside the test that does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SPEC: Final = "http://www.opengis.net/spec/"

PROVEN: Final[Mapping[str, str]] = {
    "ogcapi-common-1/1.0/conf/core": "test_the_landing_page_leads_to_everything",
    "ogcapi-common-1/1.0/conf/landing-page": "test_the_landing_page_leads_to_everything",
    "ogcapi-common-1/1.0/conf/json": "test_the_landing_page_leads_to_everything",
    "ogcapi-common-1/1.0/conf/html": "test_every_resource_is_there_for_people_too",
    "ogcapi-common-2/1.0/conf/collections": "test_collections_are_the_layers_everybody_may_see",
    "ogcapi-features-1/1.0/conf/core": "test_pages_lead_through_all_features_once",
    "ogcapi-features-1/1.0/conf/geojson": "test_pages_lead_through_all_features_once",
    "ogcapi-features-1/1.0/conf/html": "test_every_resource_is_there_for_people_too",
    "ogcapi-features-2/1.0/conf/crs": "test_positions_come_in_the_crs_and_axis_order_asked_for",
    "ogcapi-features-3/1.0/conf/queryables": "test_queryables_name_what_a_filter_may_use",
    "ogcapi-features-3/1.0/conf/queryables-query-parameters": "test_a_queryable_is_a_parameter_of_its_own",
    "ogcapi-features-3/1.0/conf/filter": "test_filters_choose_what_they_say",
    "ogcapi-features-3/1.0/conf/features-filter": "test_filters_choose_what_they_say",
    "cql2/1.0/conf/cql2-text": "test_filters_choose_what_they_say",
    "cql2/1.0/conf/cql2-json": "test_filters_in_json_choose_what_those_in_text_do",
    "cql2/1.0/conf/basic-cql2": "test_filters_choose_what_they_say",
    "cql2/1.0/conf/advanced-comparison-operators": "test_filters_choose_what_they_say",
    "cql2/1.0/conf/case-insensitive-comparison": "test_filters_choose_what_they_say",
    "cql2/1.0/conf/basic-spatial-functions": "test_filters_choose_what_they_say",
    "tms-2/2.0/conf/json-tilematrixset": "test_tile_matrix_sets_are_those_of_the_standard",
    "ogcapi-tiles-1/1.0/conf/core": "test_a_tileset_leads_to_its_tiles",
    "ogcapi-tiles-1/1.0/conf/tileset": "test_a_tileset_leads_to_its_tiles",
    "ogcapi-tiles-1/1.0/conf/tilesets-list": "test_a_tileset_leads_to_its_tiles",
    "ogcapi-tiles-1/1.0/conf/geodata-tilesets": "test_a_tileset_leads_to_its_tiles",
    "ogcapi-tiles-1/1.0/conf/mvt": "test_a_tileset_leads_to_its_tiles",
}
"""Conformance class, without the beginning that all share, and the name of the test that proves it."""


def conforms_to() -> list[str]:
    """The URIs of the classes."""
    return [_SPEC + name for name in PROVEN]
