-- A deploy applies each file here once. To change the schema, add another: 0002_….sql.
CREATE TABLE notes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
