CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    item text NOT NULL,
    count int NOT NULL,
    shipped boolean NOT NULL DEFAULT false
);

CREATE UNIQUE INDEX ASYNC orders_by_item ON orders (item);
