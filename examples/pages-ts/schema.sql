CREATE TABLE IF NOT EXISTS pages (name text PRIMARY KEY, text text NOT NULL);
