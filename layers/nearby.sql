-- name: near
-- Some layers' shapes around a position, in the form of the window query: 1 pieces in the small box, 2 edges and 3 coverage in
-- the large one. The boxes are coarse, so that no statement and no log of one holds a position.
select 1 as part, layer, feature_id as id, n, ST_AsBinary(geom) as wkb from piece
where geom && ST_MakeEnvelope(:small_west, :small_south, :small_east, :small_north, 4490)
  and releases @> cast(:release as integer) and layer = any(:layers)
union all
select 2, layer, feature_id, n, ST_AsBinary(geom) from edge
where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
  and releases @> cast(:release as integer) and layer = any(:layers)
union all
select 3, layer, null, n, ST_AsBinary(geom) from coverage
where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
  and releases @> cast(:release as integer) and layer = any(:layers);
