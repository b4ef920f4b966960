-- name: newest
select coalesce(max(number), 0) from release;

-- name: versions
select v.layer, v.version, v.releases, v.title_zh, v.title_en, v.legal_status, upper_inf(v.releases) as open, v.spec,
       p.file, p.lowest, p.highest
from layer_version v left join pyramid p using (layer, version)
order by (v.spec ->> 'order')::integer, v.layer, v.version;

-- name: put_pyramid
insert into pyramid (layer, version, file, lowest, highest) values (:layer, :version, :file, :lowest, :highest)
on conflict (layer, version) do update set file = excluded.file, lowest = excluded.lowest, highest = excluded.highest;

-- name: extent
select ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
from (
    select ST_Transform(ST_SetSRID(ST_Extent(geom)::geometry, 3857), 4490) as box
    from drawing where layer = :layer and band = :band and releases @> cast(:version as integer)
) as whole;

-- name: tile
-- What is under a pixel is drawn as a point. What is so narrow that nothing of it is left on the tile's grid is drawn as
-- its outline, and if that is lost too, as a point inside the tile: no feature may vanish.
with tile as (
    select ST_MakeEnvelope(:left, :bottom, :right, :top, :srid) as box,
           ST_MakeEnvelope(:west, :south, :east, :north, 3857) as seen
), part as (
    select d.feature_id, d.extent_m < :pixel as small,
           ST_Transform(case when d.extent_m < :pixel then ST_PointOnSurface(d.geom) else d.geom end, :srid) as geom,
           tile.box, ST_Transform(tile.seen, :srid) as seen
    from tile join drawing d on d.geom && tile.seen
    where d.layer = :layer and d.band = :band and d.releases @> cast(:version as integer)
), drawn as (
    select feature_id, small, ST_AsMVTGeom(geom, box, 4096, 64, true) as geom, geom as whole, box, seen from part
), kept as (
    select feature_id, coalesce(small, false) as small, geom from drawn where geom is not null
    union all
    select feature_id, true, coalesce(
        ST_AsMVTGeom(case when ST_Dimension(whole) = 2 then ST_Boundary(whole) end, box, 4096, 64, true),
        ST_AsMVTGeom(ST_PointOnSurface(ST_ClipByBox2D(whole, seen)), box, 4096, 64, true))
    from drawn where geom is null and ST_Dimension(whole) > 0 and ST_Intersects(whole, seen)
)
select ST_AsMVT(mvt, :layer, 4096, 'geom', 'id')
from (
    select f.id, f.code, f.name, f.name_en, f.class, f.legal_status, case when k.small then true end as small, k.geom
    from (
        select feature_id, small, ST_CollectionHomogenize(ST_Collect(geom)) as geom from kept where geom is not null
        group by feature_id, small, ST_Dimension(geom)
    ) as k join feature f on f.id = k.feature_id
    order by f.id, k.small, ST_Dimension(k.geom)
) as mvt;
