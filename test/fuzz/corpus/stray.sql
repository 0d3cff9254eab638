Warning: x
INSERT INTO t VALUES (1);
