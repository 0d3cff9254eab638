INSERT INTO t VALUES (0xAB,0xABC,x'ab',X'',b'101',0b1,_binary'a',_utf8mb4 "b" 'c',_latin1 0xE9);
