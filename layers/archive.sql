-- name: by_id
select id, number, release, request, result, created_at from site_check where id = :id;

-- name: by_number
select id, number, release, request, result, created_at from site_check where number = :number;

-- name: next_serial
insert into check_serial (county, day, serial) values (:county, :day, 1)
on conflict (county, day) do update set serial = check_serial.serial + 1
returning serial;

-- name: insert
insert into site_check (id, number, release, request, result) values (:id, :number, :release, :request, :result)
on conflict (id) do nothing
returning id, number, release, request, result, created_at;
