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

-- name: exact
-- The parts of features in a tile, as they were drawn for its band.
select d.feature_id, d.extent_m, d.geom from tile join drawing d on d.geom && tile.seen
where d.layer = :layer and d.band = :band and d.releases @> cast(:version as integer)

-- name: generalised
-- The same of a layer whose true corners nobody may see: from the geometry that everybody is given, not from what was drawn.
select p.feature_id, case when ST_Dimension(p.geom) > 0
           then greatest(ST_XMax(p.geom) - ST_XMin(p.geom), ST_YMax(p.geom) - ST_YMin(p.geom)) end as extent_m, p.geom
from tile, lateral (
    select f.id as feature_id, (ST_Dump(ST_Transform({geometry}, 3857))).geom from feature f
    where f.layer = :layer and f.releases @> cast(:version as integer)
      and f.geom && ST_Expand(ST_Transform(ST_Intersection(
          tile.seen, ST_MakeEnvelope(-20037508, -20048966, 20037508, 20048966, 3857)), 4490), {reach})  -- no turn past 180°
) as p where p.geom && tile.seen

-- name: tile
-- What is under a pixel is drawn as a point. What is so narrow that nothing of it is left on the tile's grid is drawn as
-- its outline, and if that is lost too, as a point inside the tile: no feature may vanish.
with tile as (
    select ST_MakeEnvelope(:left, :bottom, :right, :top, :srid) as box,
           ST_MakeEnvelope(:west, :south, :east, :north, 3857) as seen
), held as (
    {held}
), part as (
    select h.feature_id, h.extent_m < :pixel as small,
           ST_Transform(case when h.extent_m < :pixel then ST_PointOnSurface(h.geom) else h.geom end, :srid) as geom,
           tile.box, ST_Transform(tile.seen, :srid) as seen
    from held h, tile
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
