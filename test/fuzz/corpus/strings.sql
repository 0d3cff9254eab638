INSERT INTO t VALUES ('\0\'\"\b\n\r\t\Z\\\%\_\x','it''s',"a""b",'a' 'b' "c",N'd');
