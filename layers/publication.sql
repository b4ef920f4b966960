-- name: lock
select pg_advisory_xact_lock(hashtext('shanhe release'));

-- name: newest
select coalesce(max(number), 0) from release;

-- name: open_versions
select layer, content_hash, coverage_hash, piece_count, edge_count from layer_version where upper_inf(releases);

-- name: open_features
select id, code, content_hash from feature where layer = :layer and upper_inf(releases);

-- name: insert_release
insert into release (number, published_on, note, changed_layers)
values (:number, (now() at time zone 'Asia/Shanghai')::date, :note, :changed);

-- name: reserve_ids
select nextval(pg_get_serial_sequence('feature', 'id')) from generate_series(1, :count);

-- name: close_features
update feature set releases = releases - int4multirange(int4range(:release, null)) where id = any(:ids);

-- name: close_pieces
update piece set releases = releases - int4multirange(int4range(:release, null)) where feature_id = any(:ids);

-- name: close_edges
update edge set releases = releases - int4multirange(int4range(:release, null)) where feature_id = any(:ids);

-- name: close_coverage
update coverage set releases = releases - int4multirange(int4range(:release, null))
where layer = :layer and upper_inf(releases);

-- name: close_version
update layer_version set releases = releases - int4multirange(int4range(:release, null))
where layer = :layer and upper_inf(releases);

-- name: cut_polygons
insert into piece (feature_id, n, layer, geom, releases)
select f.id, cut.n, f.layer, cut.geom, f.releases
from feature f cross join lateral ST_Subdivide(f.geom, :vertices) with ordinality as cut (geom, n)
where f.id = any(:ids);

-- name: badly_cut
select f.code
from feature f join piece p on p.feature_id = f.id
where f.id = any(:ids)
group by f.id, f.code
having abs(sum(ST_Area(p.geom)) - ST_Area(f.geom)) > 1e-9 * ST_Area(f.geom);

-- name: insert_coverage
insert into coverage (layer, n, geom, releases)
select :layer, cut.n, cut.geom, int4multirange(int4range(:release, null))
from feature f cross join lateral ST_Subdivide(f.geom, :vertices) with ordinality as cut (geom, n)
where f.layer = :admin_layer and f.code = :admin_code and f.releases @> cast(:release as integer);

-- name: valid_days
select coalesce(range_agg(daterange(valid_from, valid_to, '[]')), '{}') from feature
where layer = :layer and releases @> cast(:release as integer);

-- name: open_clauses
select clause, content_hash from unit_clause where upper_inf(releases);

-- name: close_clauses
update unit_clause set releases = releases - int4multirange(int4range(:release, null))
where clause = any(:clauses) and upper_inf(releases);

-- name: analyze
analyze feature, piece, edge, coverage, layer_version, unit_clause, drawing;
