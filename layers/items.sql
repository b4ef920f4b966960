-- name: page
-- One page of a layer's features as GeoJSON, written by the database. The page ends where its limit or its budget of stored
-- bytes does, but holds one feature at least; what is beyond is only counted as there being more.
with met as (
    select f.*, row_number() over (order by f.code) as n,
           sum(pg_column_size(f.geom)) over (order by f.code) - pg_column_size(f.geom) as before
    from feature f
    where f.layer = :layer and f.releases @> :release::integer and (:after::text is null or f.code > :after) and {where}
    order by f.code
    limit :limit + 1
),
f as (
    select * from met where n <= :limit and (n = 1 or before < :budget)
)
select (select count(*) from met) > count(*) as more, count(*) as returned, (select code from f order by n desc limit 1) as last,
       convert_to(string_agg({feature}, E',\n'), 'UTF8') as features
from f;

-- name: one
select convert_to({feature}, 'UTF8')
from feature f
where f.layer = :layer and f.releases @> :release::integer and f.code = :code;

-- name: count
select count(*)
from feature f
where f.layer = :layer and f.releases @> :release::integer and {where};

-- name: feature
-- The GeoJSON text of the row `f`. Measures always have a point, so that readers which guess types take them for real numbers.
'{{"type":"Feature","id":' || to_json(f.code) || ',"geometry":'
|| {geometry}
|| ',"properties":'
|| left(json_build_object(
    'code', f.code, 'name', f.name, 'name_en', f.name_en, 'class', f.class,
    'class_zh', :classes::jsonb -> f.layer -> f.class ->> 'zh', 'class_en', :classes::jsonb -> f.layer -> f.class ->> 'en',
    'legal_status', f.legal_status, 'accuracy_m', round(f.accuracy_m::numeric, 3), 'source', f.source, 'method', f.method, 'licence', f.licence,
    'plan_line', f.plan_line, 'valid_from', f.valid_from, 'valid_to', f.valid_to,
    'area_m2', round(f.area_m2::numeric, 4), 'length_m', round(f.length_m::numeric, 4)
)::text, -1)
|| case when f.properties = '{{}}' then '}}' else ', ' || substr(f.properties::text, 2) end || '}}'

-- name: geometry
-- The GeoJSON text of a geometry; that of a feature without a place is null.
case when ST_IsEmpty(f.geom) then 'null' else ST_AsGeoJSON({geometry}, {digits}, 0) end
