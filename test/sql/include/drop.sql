SET client_min_messages = warning;
DROP SCHEMA menuca_v3, staging CASCADE;
DROP EXTENSION menuca_migrate;
