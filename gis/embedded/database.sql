-- Run by psql in a new database, as the role that will own what is in it; a second run changes nothing.
-- The application's own role, wangge_app, owns nothing and makes no tables. It has a password
-- only where WANGGE_APP_PASSWORD is set: the embedded cluster is guarded by its socket's folder.
\set ON_ERROR_STOP on
set client_min_messages = warning;

create extension if not exists postgis;
create extension if not exists btree_gist;

select 'create role wangge_app login'
where not exists (select from pg_roles where rolname = 'wangge_app') \gexec
alter role wangge_app nosuperuser nocreatedb nocreaterole;
alter role wangge_app set statement_timeout = '60s';
\getenv password WANGGE_APP_PASSWORD
\if :{?password}
alter role wangge_app password :'password';
\endif

revoke create on schema public from public;
grant usage on schema public to wangge_app;
alter default privileges in schema public grant select, insert, update, delete on tables to wangge_app;
alter default privileges in schema public grant usage, select on sequences to wangge_app;
alter default privileges in schema public grant execute on functions to wangge_app;
