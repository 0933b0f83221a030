CREATE TABLE accounts (
    name text PRIMARY KEY,
    balance integer NOT NULL CHECK (balance >= 0)
);
