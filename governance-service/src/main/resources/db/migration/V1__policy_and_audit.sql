-- What is in force is the highest version. Versions are never changed or removed.
CREATE TABLE policy_version (
  policy_version bigint PRIMARY KEY CHECK (policy_version > 0),
  document       json NOT NULL,
  etag           text NOT NULL,
  origin         text NOT NULL CHECK (origin IN ('bootstrap', 'facts', 'put', 'apply')),
  changed_at     timestamptz NOT NULL,
  changed_by     text NOT NULL,
  comment        text NOT NULL
);

-- An event is what its service said it was: the document. The columns are there to search by.
CREATE TABLE audit_event (
  sequence    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id          uuid NOT NULL UNIQUE,
  at          timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  reported_by text NOT NULL,
  type        text NOT NULL,
  subject     text,
  action      text NOT NULL,
  outcome     text NOT NULL,
  document    json NOT NULL
);
CREATE INDEX audit_event_at ON audit_event (at, sequence);
CREATE INDEX audit_event_subject ON audit_event (subject, at, sequence);
CREATE INDEX audit_event_type ON audit_event (type, at, sequence);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE TRIGGER policy_version_is_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_version
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_event_is_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
