-- name: gather
-- All layers in one statement, so in one snapshot and one plan over gist(geom, releases): the shapes inside the boxes.
-- What never changes once published (layers, features) is only named here and comes from `known`.
-- part 0: the release (its day, and its moment in microseconds); 1: pieces; 2: edges; 3: coverage.
select 0 as part, published_on::text as layer, (extract(epoch from published_at) * 1000000)::bigint as id,
       0::bigint as n, null::bytea as wkb
from release where number = :release
union all
select 1, layer, feature_id, n, ST_AsBinary(geom) from piece
where geom && ST_MakeEnvelope(:piece_west, :piece_south, :piece_east, :piece_north, 4490)
  and releases @> cast(:release as integer) and layer <> 'county'
union all
select 1, layer, feature_id, n, ST_AsBinary(geom) from piece
where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
  and releases @> cast(:release as integer) and layer = 'county'
union all
select 2, layer, feature_id, n, ST_AsBinary(geom) from edge
where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) and releases @> cast(:release as integer)
union all
select 3, layer, null, n, ST_AsBinary(geom) from coverage
where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) and releases @> cast(:release as integer);

-- name: features
select id, layer,
       jsonb_build_object(
           'code', code, 'name', name, 'class', class, 'accuracy_m', accuracy_m, 'legal_status', legal_status,
           'area_m2', area_m2, 'length_m', length_m, 'valid_from', valid_from, 'valid_to', valid_to,
           'properties', properties || jsonb_build_object(
               'name_en', name_en, 'plan_line', plan_line, 'source', source, 'method', method, 'licence', licence))
from feature where id = any(:ids);

-- name: layers
select layer, to_jsonb(v) - 'spec' - 'releases' - 'valid_days' || jsonb_build_object(
    'spans', (select jsonb_agg(jsonb_build_array(lower(r), upper(r))) from unnest(valid_days) as r))
from layer_version v
where releases @> cast(:release as integer) and coalesce((spec ->> 'checked')::boolean, true);

-- name: clauses
-- The clauses of some scopes at a release; asked only for codes that are not remembered.
select code, to_jsonb(c) - 'id' - 'releases' - 'content_hash' from unit_clause c
where code = any(:codes) and releases @> cast(:release as integer);
