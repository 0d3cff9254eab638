CREATE TABLE t (a enum('x','y)') COMMENT 'it''s', `key` decimal(10,2) unsigned zerofill,
b double precision, c char(3) CHARACTER SET binary, d national varchar(9),
e int GENERATED ALWAYS AS ((a + 1)) STORED, period int, PERIOD FOR SYSTEM_TIME (a, b),
KEY k (a), CONSTRAINT c CHECK (a > 0)) COMMENT="x;";
