-- name: by_name
select id, number, release, request, result, created_at from site_check where id = :name or number = :name;

-- name: next_serial
insert into check_serial (county, day, serial) values (:county, :day, 1)
on conflict (county, day) do update set serial = check_serial.serial + 1
returning serial;

-- name: insert
insert into site_check (id, number, release, request, result) values (:id, :number, :release, :request, :result)
on conflict (id) do nothing
returning created_at;
