-- name: unit
select f.id, f.code, f.name, f.name_en, f.class as class_, f.properties, f.source, f.method, f.licence, f.plan_line, f.accuracy_m,
       f.legal_status, f.valid_from, f.valid_to, f.area_m2, ST_AsBinary(f.geom) as wkb,
       v.version, v.title_zh, v.title_en, v.content_hash,
       v.layer = any(:exact) as exact,
       (select (extract(epoch from published_at) * 1000000)::bigint from release where number = :release) as moment
from feature f
join layer_version v on v.layer = f.layer and v.releases @> cast(:release as integer)
where f.layer = :layer and f.code = :code and f.releases @> cast(:release as integer)
  and v.layer = any(:public);

-- name: alike
-- Units whose code begins as the one asked for, the longer the more alike; the index over layer and code serves it.
select code, name, name_en from feature
where layer = :layer and layer = any(:public) and code >= :low and code < :high and releases @> cast(:release as integer)
order by code limit :limit;

-- name: divisions
select layer, code, name, name_en from feature
where layer in ('county', 'city', 'province') and layer = any(:public) and code = any(:codes)
  and releases @> cast(:release as integer);

-- name: overlay_layers
-- The layers of areas that checks look at and everybody may see, but for the divisions and the units themselves.
select layer, kind, title_zh, title_en, legal_status, version, feature_count
from layer_version
where releases @> cast(:release as integer) and spec ->> 'geometry' = 'MultiPolygon'
  and coalesce((spec ->> 'checked')::boolean, true) and layer = any(:exact)
  and kind not in ('county', 'city', 'province', 'control_unit')
order by (spec ->> 'order')::integer, layer;

-- name: own_pieces
select n, ST_AsBinary(geom) from piece where feature_id = :id order by n;

-- name: pieces
-- What of these layers may meet the unit: only by boxes, the overlay itself is done elsewhere.
select layer, feature_id, ST_AsBinary(geom) from piece
where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) and releases @> cast(:release as integer)
  and layer = any(:layers)
order by layer, feature_id, n limit :most;

-- name: coverage
select layer, ST_AsBinary(geom) from coverage
where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) and releases @> cast(:release as integer)
  and layer = any(:layers);
