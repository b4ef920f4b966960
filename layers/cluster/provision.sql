-- Run by the cluster's superuser, any number of times; psql variable: password. Statements are not logged with it.
set log_statement = 'none';
set log_min_duration_statement = -1;
set client_min_messages = warning;

select 'create role shanhe login createdb' where not exists (select from pg_roles where rolname = 'shanhe') \gexec
alter role shanhe password :'password';

select 'create database shanhe_postgis owner shanhe'
where not exists (select from pg_database where datname = 'shanhe_postgis') \gexec
\connect shanhe_postgis
set client_min_messages = warning;
create extension if not exists postgis;
create extension if not exists btree_gist;

\connect postgres
set client_min_messages = warning;
select 'create database shanhe template shanhe_postgis owner shanhe'
where not exists (select from pg_database where datname = 'shanhe') \gexec
