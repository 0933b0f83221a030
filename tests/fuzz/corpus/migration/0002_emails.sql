-- A new column comes without default and constraint; these follow.
ALTER TABLE users ADD COLUMN email text;

UPDATE users SET email = 'ann@example.com' WHERE id = 1;

CREATE UNIQUE INDEX ASYNC users_by_email ON users (email);
