CREATE TABLE stat_event (
  id serial PRIMARY KEY,
  type text NOT NULL,
  created_at timestamp(3) NOT NULL DEFAULT now()
);
