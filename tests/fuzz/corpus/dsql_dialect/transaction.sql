BEGIN; INSERT INTO users (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING *; SAVEPOINT a; COMMIT; SELECT $$a;b$$, 'it''s', "q""q" -- end
/* c /* d */ */