-- name: newest
select coalesce(max(number), 0) from release;

-- name: versions
select layer, version, releases, title_zh, title_en, legal_status, upper_inf(releases) as open, spec
from layer_version order by (spec ->> 'order')::integer, layer, version;

-- name: extent
select ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
from (select ST_Extent(geom) as box from feature where layer = :layer and releases @> cast(:version as integer)) as whole;

-- name: tile
with tile as (select ST_MakeEnvelope(:left, :bottom, :right, :top, :srid) as box, ST_Transform(ST_MakeEnvelope(
    :left - :margin, :bottom - :margin, :right + :margin, :top + :margin, :srid), 4490) as seen)
select ST_AsMVT(drawn, :layer, 4096, 'geom', 'id')
from (
    select f.id, f.code, f.name, f.name_en, f.class, f.legal_status,
           ST_AsMVTGeom(ST_Transform(f.geom, :srid), tile.box, 4096, 64, true) as geom
    from tile join feature f on f.geom && tile.seen
    where f.layer = :layer and f.releases @> cast(:version as integer)
    order by f.id
) as drawn
where geom is not null;
