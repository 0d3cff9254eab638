INSERT INTO `d`.`t` (`a``b`, "c", d) VALUES (1, 2, 3), (4, 5, 6);
REPLACE t VALUE (7);
