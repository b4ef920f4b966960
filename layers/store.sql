-- name: gather
-- All layers in one statement and so in one plan over gist(geom, releases): what the domain needs inside the window.
-- part 0: the release; 1: layers; 2: features; 3: pieces; 4: edges; 5: coverage.
with near as materialized (
    select feature_id, n, layer, geom from piece
    where geom && ST_MakeEnvelope(:piece_west, :piece_south, :piece_east, :piece_north, 4490)
      and releases @> cast(:release as integer) and layer <> 'county'
    union all
    select feature_id, n, layer, geom from piece
    where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
      and releases @> cast(:release as integer) and layer = 'county'
),
bounds as materialized (
    select feature_id, n, layer, geom from edge
    where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) and releases @> cast(:release as integer)
),
whose as (
    select feature_id from near union select feature_id from bounds
)
select 0 as part, null as layer, null::bigint as id, null::bigint as n, null::bytea as wkb,
       jsonb_build_object('published_on', published_on) as facts
from release where number = :release
union all
select 1, layer, null, null, null, to_jsonb(v) - 'spec' - 'releases'
from layer_version v where releases @> cast(:release as integer)
union all
select 2, f.layer, f.id, null, null,
       jsonb_build_object(
           'code', f.code, 'name', f.name, 'class', f.class, 'accuracy_m', f.accuracy_m, 'legal_status', f.legal_status,
           'area_m2', f.area_m2, 'length_m', f.length_m, 'valid_from', f.valid_from, 'valid_to', f.valid_to,
           'properties', f.properties || jsonb_build_object(
               'name_en', f.name_en, 'plan_line', f.plan_line, 'source', f.source, 'method', f.method, 'licence', f.licence))
from feature f where f.id in (select feature_id from whose)
union all
select 3, layer, feature_id, n, ST_AsBinary(geom), null from near
union all
select 4, layer, feature_id, n, ST_AsBinary(geom), null from bounds
union all
select 5, layer, null, n, ST_AsBinary(geom), null
from coverage
where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) and releases @> cast(:release as integer)
order by part, layer, id, n;
