CREATE TABLE partner (
  id serial PRIMARY KEY,
  name text NOT NULL UNIQUE,
  api_key text NOT NULL DEFAULT ''
);

CREATE TABLE mission (
  id serial PRIMARY KEY,
  title text NOT NULL,
  partner_id int NOT NULL REFERENCES partner (id),
  created_at timestamp(3) NOT NULL DEFAULT now()
);
