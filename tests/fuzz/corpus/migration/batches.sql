-- nimbus: replaces 0001_users.sql e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
/* a /* nested */ comment */ CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END;
--nimbus: batch
UPDATE ONLY app."Users" AS u SET (a, "b") = (1, (SELECT m.x FROM m WHERE m.id = u.id ORDER BY 1 LIMIT 1)), c =-1
WHERE a IS DISTINCT FROM b; -- behind
-- nimbus: batch
DELETE FROM t;
-- nimbus: batch
INSERT INTO a (x) SELECT u.x FROM users u WHERE u.x > $$;$$ ON CONFLICT (x) DO NOTHING
