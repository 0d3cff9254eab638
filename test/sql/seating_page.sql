-- The floor of a restaurant as rows and as a picture
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set evening :abs_srcdir '/fixture/seating/evening.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION btree_gist;
CREATE EXTENSION menuca_seating;
\i :schema
\i :evening
