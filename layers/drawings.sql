-- name: open_features
select id, code from feature where layer = :layer and releases @> cast(:release as integer);

-- name: open
select id, feature_id, band, md5(ST_AsBinary(geom)) from drawing where layer = :layer and upper_inf(releases);

-- name: close
update drawing set releases = releases - int4multirange(int4range(:release, null)) where id = any(:ids);

-- name: close_layer
update drawing set releases = releases - int4multirange(int4range(:release, null))
where layer = :layer and upper_inf(releases);

-- name: undrawn
select v.layer, v.version, v.full_cover, v.releases::text as releases from layer_version v
where v.feature_count > 0
  and not exists (select from drawing d where d.layer = v.layer and d.releases @> v.version)
  and exists (select from feature f where f.layer = v.layer and f.releases @> v.version and not ST_IsEmpty(f.geom))
order by v.layer, v.version;

-- name: features
select id, ST_AsBinary(geom) as wkb from feature
where layer = :layer and releases @> cast(:release as integer) order by id;

-- name: analyze
analyze drawing;
