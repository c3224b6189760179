/** Schema 1. Things are rows of one shape: what they share in columns, the rest as JSON checked by the contract's schema. */
export const up = `
  CREATE TABLE things (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX things_by_kind ON things (kind, created_at);

  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    makes TEXT,
    params TEXT NOT NULL,
    progress TEXT,
    result TEXT,
    problem TEXT,
    owner INTEGER,
    created_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT
  ) STRICT;

  CREATE TABLE run_points (
    sae_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (sae_id, step)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE labels (
    id INTEGER PRIMARY KEY,
    sae_id TEXT NOT NULL,
    feature INTEGER NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    starred INTEGER NOT NULL DEFAULT 0,
    uninterpretable INTEGER NOT NULL DEFAULT 0,
    confidence REAL,
    author TEXT NOT NULL DEFAULT '',
    updated_at TEXT NOT NULL,
    UNIQUE (sae_id, feature)
  ) STRICT;

  -- Words of labels, notes and tags. The text itself stays in "labels"; the triggers keep both together.
  CREATE VIRTUAL TABLE label_words USING fts5 (
    label, notes, tags, content = 'labels', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
  );
  CREATE TRIGGER labels_added AFTER INSERT ON labels BEGIN
    INSERT INTO label_words (rowid, label, notes, tags) VALUES (new.id, new.label, new.notes, new.tags);
  END;
  CREATE TRIGGER labels_removed AFTER DELETE ON labels BEGIN
    INSERT INTO label_words (label_words, rowid, label, notes, tags) VALUES ('delete', old.id, old.label, old.notes, old.tags);
  END;
  CREATE TRIGGER labels_changed AFTER UPDATE ON labels BEGIN
    INSERT INTO label_words (label_words, rowid, label, notes, tags) VALUES ('delete', old.id, old.label, old.notes, old.tags);
    INSERT INTO label_words (rowid, label, notes, tags) VALUES (new.id, new.label, new.notes, new.tags);
  END;

  -- One row a field changed; rows of one edit share its number. An undo is an edit that names the one it took back.
  CREATE TABLE label_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    edit INTEGER NOT NULL,
    undoes INTEGER,
    sae_id TEXT NOT NULL,
    feature INTEGER NOT NULL,
    field TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    author TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX label_history_by_feature ON label_history (sae_id, feature, id);
  CREATE INDEX label_history_by_edit ON label_history (edit);

  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`
